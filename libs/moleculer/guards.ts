import type { BrokerOptions } from "moleculer";
import { accessMiddleware } from "../auth/access-middleware.ts";
import { revocationWatch } from "../auth/revocation-watch.ts";
import { PostboxRegenerator } from "../errors/regenerator.ts";
import { idempotency } from "../idempotency/middleware.ts";
import { drain } from "./drain.ts";
import { SchemaValidator } from "./schema-validator.ts";
import { transactionBoundary } from "./transaction-boundary.ts";

/**
 * What stands before every action of every Postbox node, as options of its broker; the first middleware is the
 * innermost. An error of the catalogue stays one when it crosses the wire.
 */
export function guards(): Required<Pick<BrokerOptions, "errorRegenerator" | "validator" | "middlewares">> {
  return {
    errorRegenerator: new PostboxRegenerator(),
    validator: new SchemaValidator(),
    middlewares: [idempotency, transactionBoundary, accessMiddleware, revocationWatch, drain],
  };
}
