import type { BrokerOptions } from "moleculer";
import { PostboxRegenerator } from "../../core/errors/regenerator.ts";
import { accessMiddleware } from "../../edge/access/access-middleware.ts";
import { revocationWatch } from "../../edge/access/revocation-watch.ts";
import { answers } from "../../edge/actions/answers.ts";
import { correlation } from "../../edge/actions/correlation.ts";
import { declarations } from "../../edge/actions/declarations.ts";
import { SchemaValidator } from "../../edge/actions/schema-validator.ts";
import { answerFailure } from "../../edge/failures/answer-failure.ts";
import { idempotency } from "../../edge/idempotency/middleware.ts";
import { drain } from "./drain.ts";
import { transactionBoundary } from "./transaction-boundary.ts";

/**
 * Broker options with all that runs around every action of a node. The first middleware is the innermost: a call passes
 * access, correlation, the transaction boundary, idempotency and the check of its answer, in this order. `declarations`
 * looks only at services that are created. An error of the catalogue stays one over the wire. A fault of the database
 * becomes one on the node that runs the action.
 */
export function guards(): Required<
  Pick<BrokerOptions, "errorHandler" | "errorRegenerator" | "validator" | "middlewares">
> {
  return {
    errorHandler: answerFailure,
    errorRegenerator: new PostboxRegenerator(),
    validator: new SchemaValidator(),
    middlewares: [
      declarations,
      answers,
      idempotency,
      transactionBoundary,
      correlation,
      accessMiddleware,
      revocationWatch,
      drain,
    ],
  };
}
