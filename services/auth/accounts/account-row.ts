import type { Role } from "postbox";
import type { PublicUser } from "../../../libs/auth/user.ts";

/** A row of `account`. */
export interface AccountRow {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password_hash: string;
  readonly role: Role;
  readonly verified: boolean;
  readonly disabled: boolean;
  readonly created_at: Date;
}

/** The account without its secret. */
export function toPublicUser({ id, username, email, role, verified, disabled, created_at }: AccountRow): PublicUser {
  return { id, username, email, role, verified, disabled, created_at: created_at.toISOString() };
}
