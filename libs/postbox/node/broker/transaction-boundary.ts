import type { Context, Middleware } from "moleculer";
import { Database } from "../../postgres/database.ts";

type Handler = (ctx: Context) => Promise<unknown>;

/**
 * Clears the current transaction at an action's boundary: an action then behaves the same whether it is called in
 * the process, from inside a transaction, or over NATS. Its own service's database is the only one it can reach.
 */
export const transactionBoundary: Middleware = {
  name: "TransactionBoundary",
  localAction(handler: Handler): Handler {
    return (ctx) => {
      const db: unknown = ctx.service ? Reflect.get(ctx.service, "db") : undefined;
      return db instanceof Database && db.current ? db.detached(() => handler(ctx)) : handler(ctx);
    };
  },
};
