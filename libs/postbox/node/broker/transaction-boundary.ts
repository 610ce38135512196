import type { Context, Middleware } from "moleculer";
import { databaseOf } from "../../edge/actions/database-of.ts";

type Handler = (ctx: Context) => Promise<unknown>;

/**
 * Runs each action outside the caller's transaction. An action then behaves the same, whether it is called in the process,
 * from inside a transaction, or over NATS. No other database is concerned: an action reaches that of its own service only.
 *
 * An action that ends before a transaction that it began fails, and the transaction is rolled back: an `await` is missing.
 */
export const transactionBoundary: Middleware = {
  name: "TransactionBoundary",
  localAction(handler: Handler): Handler {
    return (ctx) => {
      const db = databaseOf(ctx.service);
      return db ? db.bounded(() => handler(ctx)) : handler(ctx);
    };
  },
};
