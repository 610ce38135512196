import type { ServiceBroker } from "moleculer";
import { traceOf } from "../../core/errors/trace.ts";
import { isFirstReport } from "../../core/failures/first-report.ts";
import { FrameLimiter } from "../../core/failures/frame-limiter.ts";
import { problem } from "../answers/problem.ts";

const frames = new FrameLimiter();

/**
 * Logs an action of this node that failed with an error which nobody foresaw, whoever called
 * the action. Such an error is what a client is told as an internal error.
 *
 * @throws the error: its caller gets it in any case.
 */
export function logFailure(this: ServiceBroker, error: Error, info: ServiceBroker.BrokerErrorHandlerInfo): never {
  // Without a service, the action is another node's, which logs the failure itself.
  if ("ctx" in info && info.service && problem(error, "").status === 500 && isFirstReport(error))
    this.logger.error(`Request ${info.ctx.requestID} failed (${info.action?.name}). ${frames.textOf(traceOf(error))}`);
  throw error;
}
