import { action, object, PostboxError, service } from "postbox";
import { rest } from "postbox/mixins";
import { Type } from "typebox";

const item = object({ id: Type.String(), count: Type.Integer(), loud: Type.Boolean() });

/** A service with one action of each kind that the gateway tells apart. */
export const shop = service({
  name: "shop",
  version: 1,
  mixins: [rest("shop", { latest: 1 })],
  actions: {
    find: action({
      rest: "GET /items/:id",
      access: "public",
      params: object({
        params: object({ id: Type.String({ maxLength: 40 }) }),
        query: object({ count: Type.Integer({ minimum: 1, default: 1 }), loud: Type.Optional(Type.Boolean()) }),
      }),
      response: item,
      handler: ({ params: { params, query } }) => ({ ...params, count: query.count, loud: query.loud ?? false }),
    }),
    create: action({
      rest: "POST /items",
      access: "public",
      status: 201,
      params: object({
        body: object({ name: Type.String({ minLength: 2 }), tags: Type.Optional(Type.Array(Type.String())) }),
      }),
      response: Type.Unknown(),
      handler: ({ params }) => params,
    }),
    order: action({
      rest: "POST /orders",
      access: "public",
      params: object({
        body: object({
          code: Type.String({ pattern: "^\\d\\d$", description: "Two digits." }),
          gift: Type.String({ pattern: "^\\d$", title: "Gift code" }),
          note: Type.String({ pattern: "^\\d$" }),
          lines: Type.Array(Type.String({ pattern: "^\\d$", description: "A digit." })),
        }),
      }),
      response: Type.Unknown(),
      handler: ({ params }) => params,
    }),
    login: action({
      rest: "POST /login",
      access: "public",
      body: "form",
      params: object({
        body: object({ username: Type.String(), password: Type.String() }),
        cookies: object({ basket: Type.Optional(Type.String()) }),
      }),
      response: Type.Unknown(),
      handler(ctx) {
        ctx.meta.$responseHeaders = { "Set-Cookie": ["a=1; HttpOnly", "b=2; HttpOnly"] };
        return { ...ctx.params, clientAddress: ctx.meta.clientAddress };
      },
    }),
    mine: action({
      rest: "GET /mine",
      access: "gen",
      params: object({}),
      response: Type.Unknown(),
      handler: ({ meta }) => ({ user: meta.user }),
    }),
    manage: action({
      rest: "GET /manage",
      access: "mgmt",
      params: object({}),
      response: Type.Unknown(),
      handler: ({ meta }) => ({ role: meta.user?.role }),
    }),
    fail: action({
      rest: "GET /fail",
      access: "public",
      params: object({}),
      response: Type.Unknown(),
      handler() {
        throw new Error('duplicate key value violates unique constraint "users_pkey" at /srv/app.ts');
      },
    }),
    refuse: action({
      rest: "DELETE /items/:id",
      access: "public",
      params: object({ params: object({ id: Type.String() }) }),
      response: Type.Unknown(),
      handler() {
        throw new PostboxError("job-state", "The job is not in a state that allows this.");
      },
    }),
    internal: action({
      access: "service",
      params: object({}),
      response: Type.Unknown(),
      handler: ({ meta }) => ({ user: meta.user ?? null }),
    }),
  },
});
