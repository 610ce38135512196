import type { BrokerOptions } from "moleculer";
import { accessMiddleware } from "../auth/access-middleware.ts";
import { revocationWatch } from "../auth/revocation-watch.ts";
import { idempotency } from "../idempotency/middleware.ts";
import { SchemaValidator } from "./schema-validator.ts";
import { transactionBoundary } from "./transaction-boundary.ts";

/** What stands before every action of every Postbox node, as options of its broker; the first is the innermost. */
export function guards(): Required<Pick<BrokerOptions, "validator" | "middlewares">> {
  return {
    validator: new SchemaValidator(),
    middlewares: [idempotency, transactionBoundary, accessMiddleware, revocationWatch],
  };
}
