import type { Role } from "./roles.ts";

/** What a verified access token says, handed to the action as `ctx.meta.user`. */
export interface TokenData {
  readonly user_id: string;
  readonly role: Role;
  readonly verified: boolean;
  readonly type: "access";
  readonly jti: string;
}
