import { action, call, object, trimmed } from "postbox";
import { Type } from "typebox";
import { findUser } from "../../../../libs/auth/actions.ts";
import { roleName, usernameOrEmail } from "../../../../libs/auth/fields.ts";
import { publicUser } from "../../../../libs/auth/user.ts";
import { listProfiles, sortings } from "../../profiles/list-profiles.ts";
import type { UsersService } from "../../users-service.ts";

const userPage = object({
  users: Type.Array(publicUser),
  total: Type.Integer({ description: "Users on all pages." }),
  page: Type.Integer(),
  page_size: Type.Integer(),
});

/**
 * A page comes from the copies here. Whose a name is auth decides: a copy may still show it under whoever had it
 * before, and what follows (a change of role) would meet the wrong user.
 */
export const findUsers = action({
  rest: "GET /management/users",
  access: "mgmt",
  errors: ["not-found"],
  summary: "One user by name or address; without `username_email`, a page of users",
  rateLimit: "120/minute",
  params: object({
    query: object({
      username_email: Type.Optional(trimmed(usernameOrEmail)),
      role: Type.Optional(roleName),
      verified: Type.Optional(Type.Boolean()),
      disabled: Type.Optional(Type.Boolean()),
      sort: Type.Optional(Type.Enum([...sortings], { description: "Default `-created_at`: the newest first." })),
      page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Default 1." })),
      page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: "Default 20." })),
    }),
  }),
  response: Type.Union([publicUser, userPage]),
  async handler(this: UsersService, ctx) {
    const { username_email, sort = "-created_at", page = 1, page_size = 20, ...query } = ctx.params.query;
    if (username_email === undefined) {
      const { users, total } = await listProfiles(this, ctx, { query, sort, page, pageSize: page_size });
      return { users, total, page, page_size };
    }
    return call(ctx, findUser, { username_email });
  },
});
