import type { Role } from "./roles.ts";

/** The claims of a verified access token. An action gets them by `caller(ctx)`. */
export interface TokenData {
  readonly user_id: string;
  readonly role: Role;
  /** Whether the user's address is verified. */
  readonly verified: boolean;
  readonly type: "access";
  /** Id of the token. */
  readonly jti: string;
}

/** The claims of a verified service token. */
export interface ServiceTokenData {
  /** The service that calls. */
  readonly service: string;
  readonly type: "service";
  readonly jti: string;
}

/** A verified token of either kind. `iat` and `exp`: when it was issued and when it expires, in seconds since 1970. */
export type VerifiedToken = (TokenData | ServiceTokenData) & { readonly iat: number; readonly exp: number };
