import type { Context } from "moleculer";
import type { Role } from "postbox";
import type { EntityMethods } from "postbox/mixins";
import type { InferAttributes } from "sequelize";
import type { PublicUser } from "../../../libs/auth/user.ts";
import type { Profile } from "../models.ts";

/** Fields that a list of users can be sorted by. */
export const sortings = ["created_at", "-created_at", "username", "-username"] as const;

export interface ProfileList {
  readonly query: { readonly role?: Role; readonly verified?: boolean; readonly disabled?: boolean };
  readonly sort: (typeof sortings)[number];
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** One page of users. The id breaks ties, so that no user is on two pages. */
export async function listProfiles(
  service: EntityMethods,
  ctx: Context,
  { query, sort, page, pageSize }: ProfileList,
): Promise<{ users: PublicUser[]; total: number }> {
  const { rows, total } = await service._list<InferAttributes<Profile>>(ctx, {
    query,
    sort: [sort, "id"],
    page,
    pageSize,
    limit: pageSize,
    offset: (page - 1) * pageSize,
  });
  return { users: rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() })), total };
}
