import type { BrokerOptions } from "moleculer";
import { PostboxRegenerator } from "../../core/errors/regenerator.ts";
import { accessMiddleware } from "../../edge/access/access-middleware.ts";
import { revocationWatch } from "../../edge/access/revocation-watch.ts";
import { SchemaValidator } from "../../edge/actions/schema-validator.ts";
import { idempotency } from "../../edge/idempotency/middleware.ts";
import { drain } from "./drain.ts";
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
