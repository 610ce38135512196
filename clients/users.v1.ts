// Made of the users service's OpenAPI document by `npm run client`; do not edit.
import type { Send } from "./send.ts";

/** Version 1 of the users service. */
export interface UsersV1 {
  /** An event that this service has published, and where it stands. */
  operationsEventsShow(request: { readonly path: { readonly id: string } }): Promise<{
    readonly id: string;
    readonly event_type: string;
    readonly target: string;
    readonly key: string | null;
    readonly attempts: number;
    readonly generation: number;
    readonly error_message: string | null;
    readonly created_at: string;
    readonly status: string;
    readonly version: number;
    readonly sequence: number | null;
    readonly send_number: number;
    readonly data: unknown;
    readonly headers: Record<string, unknown>;
    readonly published_at: string | null;
    readonly processed_at: string | null;
  }>;
  /** Events of this service that were given up, oldest first. */
  operationsDeadList(request?: {
    readonly query?: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly limit?: number;
      readonly offset?: number;
    };
  }): Promise<{
    readonly events: readonly {
      readonly id: string;
      readonly event_type: string;
      readonly target: string;
      readonly key: string | null;
      readonly attempts: number;
      readonly generation: number;
      readonly error_message: string | null;
      readonly created_at: string;
    }[];
  }>;
  /** Send dead letters again. */
  operationsDeadReplay(request: {
    readonly body: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly ids?: readonly string[];
      readonly all?: true;
    };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly ids: readonly string[] }>;
  /** Let dead letters go, so that their keys go on. */
  operationsDeadSkip(request: {
    readonly body: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly ids?: readonly string[];
      readonly all?: true;
    };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly ids: readonly string[] }>;
  /** The jobs of this service, each with its latest run. */
  operationsJobsList(): Promise<{
    readonly jobs: readonly {
      readonly name: string;
      readonly schedule: string | null;
      readonly time_zone: string;
      readonly state: string;
      readonly next_slot: string | null;
      readonly last_slot: string | null;
      readonly last_status: string | null;
      readonly error_message: string | null;
    }[];
  }>;
  /** Run a job now. */
  operationsJobsRun(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Let no further run of a job begin. */
  operationsJobsPause(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Let a paused job go on. */
  operationsJobsResume(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Whether the service answers. */
  utilsHealth(): Promise<{ readonly status: "ok" }>;
  /** Which version this is. */
  utilsVersion(): Promise<{ readonly service: string; readonly version: string }>;
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
  changeUsername(request: { readonly body: { readonly new_username: string } }): Promise<{ readonly message: string }>;
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
  }): Promise<{ readonly message: string }>;
}

export function usersV1(send: Send): UsersV1 {
  return {
    operationsEventsShow: (request) => send("GET", "/users/v1/operations/events/{id}", request),
    operationsDeadList: (request) => send("GET", "/users/v1/operations/dead", request),
    operationsDeadReplay: (request) => send("POST", "/users/v1/operations/dead/replay", request),
    operationsDeadSkip: (request) => send("POST", "/users/v1/operations/dead/skip", request),
    operationsJobsList: () => send("GET", "/users/v1/operations/jobs", undefined),
    operationsJobsRun: (request) => send("POST", "/users/v1/operations/jobs/{name}/run", request),
    operationsJobsPause: (request) => send("POST", "/users/v1/operations/jobs/{name}/pause", request),
    operationsJobsResume: (request) => send("POST", "/users/v1/operations/jobs/{name}/resume", request),
    utilsHealth: () => send("GET", "/users/v1/utils/health", undefined),
    utilsVersion: () => send("GET", "/users/v1/utils/version", undefined),
    me: () => send("GET", "/users/v1/me", undefined),
    changeUsername: (request) => send("PATCH", "/users/v1/me/username", request),
    changePassword: (request) => send("PATCH", "/users/v1/me/password", request),
    findUsers: (request) => send("GET", "/users/v1/management/users", request),
    listRoles: () => send("GET", "/users/v1/management/roles", undefined),
    changeRole: (request) => send("PATCH", "/users/v1/management/users/{user_id}/role", request),
  };
}
