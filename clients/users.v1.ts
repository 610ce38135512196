// Made of the users service's OpenAPI document by `npm run client`; do not edit.
import { type Operations, operations } from "./operations.ts";
import type { Send } from "./send.ts";
import { type Utils, utils } from "./utils.ts";

/** Version 1 of the users service. */
export interface UsersV1 extends Operations, Utils {
  /** The caller's own record. */
  me(): Promise<{
    readonly id: string;
    readonly username: string;
    readonly email: string;
    readonly role: "user" | "admin" | "root";
    readonly verified: boolean;
    readonly disabled: boolean;
    readonly created_at: string;
  }>;
  /** Change the caller's name. */
  changeUsername(request: {
    readonly body: { readonly new_username: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Change the caller's password; all sessions end. */
  changePassword(request: {
    readonly body: { readonly current_password: string; readonly new_password: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** One user by name or address; without `username_email`, a page of users. */
  findUsers(request?: {
    readonly query?: {
      readonly username_email?: string;
      readonly role?: "user" | "admin" | "root";
      readonly verified?: boolean;
      readonly disabled?: boolean;
      readonly sort?: "created_at" | "-created_at" | "username" | "-username";
      readonly page?: number;
      readonly page_size?: number;
    };
  }): Promise<
    | {
        readonly id: string;
        readonly username: string;
        readonly email: string;
        readonly role: "user" | "admin" | "root";
        readonly verified: boolean;
        readonly disabled: boolean;
        readonly created_at: string;
      }
    | {
        readonly users: readonly {
          readonly id: string;
          readonly username: string;
          readonly email: string;
          readonly role: "user" | "admin" | "root";
          readonly verified: boolean;
          readonly disabled: boolean;
          readonly created_at: string;
        }[];
        readonly total: number;
        readonly page: number;
        readonly page_size: number;
      }
  >;
  /** The roles that a user can have. */
  listRoles(): Promise<readonly ("user" | "admin" | "root")[]>;
  /** Change a user's role. */
  changeRole(request: {
    readonly path: { readonly user_id: string };
    readonly body: { readonly new_role: "user" | "admin" | "root" };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
}

export function usersV1(send: Send): UsersV1 {
  return {
    ...operations(send, "/users/v1"),
    ...utils(send, "/users/v1"),
    me: () => send("GET", "/users/v1/me", undefined),
    changeUsername: (request) => send("PATCH", "/users/v1/me/username", request),
    changePassword: (request) => send("PATCH", "/users/v1/me/password", request),
    findUsers: (request) => send("GET", "/users/v1/management/users", request),
    listRoles: () => send("GET", "/users/v1/management/roles", undefined),
    changeRole: (request) => send("PATCH", "/users/v1/management/users/{user_id}/role", request),
  };
}
