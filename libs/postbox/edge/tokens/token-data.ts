import type { Role } from "./roles.ts";

/** What a verified access token says, handed to the action as `ctx.meta.user`. */
export interface TokenData {
  readonly user_id: string;
  readonly role: Role;
  readonly verified: boolean;
  readonly type: "access";
  readonly jti: string;
}

/** What a verified service token says: which of Postbox's own parts calls. */
export interface ServiceTokenData {
  readonly service: string;
  readonly type: "service";
  readonly jti: string;
}

/** A verified token of either kind, with the moment it was made and the moment it ends, in seconds since 1970. */
export type VerifiedToken = (TokenData | ServiceTokenData) & { readonly iat: number; readonly exp: number };
