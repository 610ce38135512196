// Made of the auth service's OpenAPI document by `npm run client`; do not edit.
import { type Operations, operations } from "./operations.ts";
import type { Send } from "./send.ts";
import { type Utils, utils } from "./utils.ts";

/** Version 1 of the auth service. */
export interface AuthV1 extends Operations, Utils {
  /** Register a user; a link to prove the address is sent by mail. */
  register(request: {
    readonly body: { readonly username: string; readonly email: string; readonly password: string };
  }): Promise<{
    readonly id: string;
    readonly username: string;
    readonly email: string;
    readonly role: "user" | "admin" | "root";
    readonly verified: boolean;
    readonly disabled: boolean;
    readonly created_at: string;
  }>;
  /** Log in with a username or an email address. */
  login(request?: {
    readonly body?: {
      readonly grant_type?: "password";
      readonly client_id?: string;
      readonly client_secret?: string;
      readonly scope?: string;
      readonly username?: string;
      readonly password?: string;
    };
  }): Promise<{ readonly access_token: string; readonly token_type: "bearer"; readonly expires_in: number }>;
  /** End the session of the access token and that of the refresh token's cookie, or all of the caller's. */
  logout(request?: { readonly query?: { readonly everywhere?: boolean } }): Promise<{ readonly message: string }>;
  /** Exchange the refresh token, which is good for one use, for a new one and an access token. */
  refresh(): Promise<{ readonly access_token: string; readonly token_type: "bearer"; readonly expires_in: number }>;
  /** The caller's sessions, the one used last first. */
  listSessions(): Promise<{
    readonly refresh_tokens: readonly {
      readonly id: string;
      readonly created_at: string;
      readonly last_used_at: string;
      readonly expires_at: string;
      readonly ip_address: string | null;
    }[];
    readonly count: number;
  }>;
  /** End one of the caller's sessions. */
  endSession(request: { readonly path: { readonly token_id: string } }): Promise<{ readonly message: string }>;
  /** Have a code to reset the password sent by mail; the answer is the same if there is no such user. */
  forgotPassword(request: {
    readonly query: { readonly username_email: string };
  }): Promise<{ readonly message: string }>;
  /** Set a new password with the code in the mail, which proves the address; all sessions end. */
  resetPassword(request: {
    readonly body: { readonly token: string; readonly new_password: string };
  }): Promise<{ readonly message: string }>;
  /** The page that asks for a new password; as JSON, whether the code in the mail works. */
  showReset(request: { readonly path: { readonly token: string } }): Promise<{ readonly message: string }>;
  /** Set a new password by the form of the page. */
  resetByPage(request: {
    readonly path: { readonly token: string };
    readonly body?: { readonly new_password?: string };
  }): Promise<{ readonly message: string }>;
  /** Have the link that proves the address sent again; the answer is the same if there is no such user. */
  requestVerification(request: { readonly query: { readonly email: string } }): Promise<{ readonly message: string }>;
  /** Have the link that proves the address sent again, by a form. */
  requestVerificationByForm(request: {
    readonly body: { readonly email: string };
  }): Promise<{ readonly message: string }>;
  /** Prove an address by the link in the mail: at once for `Accept: application/json`, else by a page with a button. */
  verifyEmail(request: { readonly path: { readonly token: string } }): Promise<{ readonly message: string }>;
  /** Prove an address by the token of the link in the mail. */
  confirmEmail(request: { readonly path: { readonly token: string } }): Promise<{ readonly message: string }>;
}

export function authV1(send: Send): AuthV1 {
  return {
    ...operations(send, "/auth/v1"),
    ...utils(send, "/auth/v1"),
    register: (request) => send("POST", "/auth/v1/register", request),
    login: (request) => send("POST", "/auth/v1/login", request, "form"),
    logout: (request) => send("POST", "/auth/v1/logout", request),
    refresh: () => send("POST", "/auth/v1/token/refresh", undefined),
    listSessions: () => send("GET", "/auth/v1/tokens/me", undefined),
    endSession: (request) => send("DELETE", "/auth/v1/tokens/me/{token_id}", request),
    forgotPassword: (request) => send("POST", "/auth/v1/password/forgot", request),
    resetPassword: (request) => send("POST", "/auth/v1/password/reset", request),
    showReset: (request) => send("GET", "/auth/v1/password/reset/{token}", request),
    resetByPage: (request) => send("POST", "/auth/v1/password/reset/{token}", request, "form"),
    requestVerification: (request) => send("GET", "/auth/v1/verification/email", request),
    requestVerificationByForm: (request) => send("POST", "/auth/v1/verification/email", request, "form"),
    verifyEmail: (request) => send("GET", "/auth/v1/verification/email/{token}", request),
    confirmEmail: (request) => send("POST", "/auth/v1/verification/email/{token}", request),
  };
}
