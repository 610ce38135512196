import { action, caller, object } from "postbox";
import { Type } from "typebox";
import type { AuthService } from "../../auth-service.ts";
import { findSessions } from "../../sessions/find-sessions.ts";

const dateTime = Type.String({ format: "date-time" });

export const listSessions = action({
  rest: "GET /tokens/me",
  access: "gen",
  summary: "The caller's sessions, the one used last first",
  rateLimit: "120/minute",
  params: object({}),
  response: object({
    refresh_tokens: Type.Array(
      object({
        id: Type.String({ format: "uuid" }),
        created_at: dateTime,
        last_used_at: dateTime,
        expires_at: dateTime,
        ip_address: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
    count: Type.Integer(),
  }),
  async handler(this: AuthService, ctx) {
    const refresh_tokens = await findSessions(this.db, caller(ctx).user_id);
    return { refresh_tokens, count: refresh_tokens.length };
  },
});
