import type { ServerResponse } from "node:http";
import type { Logger } from "moleculer";
import { traceOf } from "../../core/errors/trace.ts";
import { isFirstReport } from "../../core/failures/first-report.ts";
import { sendProblem } from "../answers/send.ts";
import type { Limited, RateLimiter } from "../rate-limits/rate-limiter.ts";
import { isCounted } from "../rate-limits/refused-requests.ts";
import type { FindClient } from "../requests/client-address.ts";
import type { Incoming } from "../requests/incoming.ts";

/** By what a failed request is answered. */
export interface ErrorPolicy {
  readonly logger: Pick<Logger, "error">;
  readonly clientOf: FindClient;
  /** Counts refused requests by address. Undefined: rate limits are off. */
  readonly refusals: { readonly limiter: Pick<RateLimiter, "take">; readonly limited: Limited } | undefined;
}

/**
 * Answers a request with an error. A refused request is counted by its address first; over the limit its answer is
 * `rate-limited`. What the client is told as an internal error is logged with its whole trace, unless its action has done so
 * in this process.
 */
export function answerError(policy: ErrorPolicy, req: Incoming, res: ServerResponse, error: unknown): void {
  const answer = (reason: unknown) => {
    if (sendProblem(req, res, reason).status === 500 && isFirstReport(reason))
      policy.logger.error(`Request ${req.id} failed (${req.route?.action}). ${traceOf(reason)}`);
  };
  const { refusals } = policy;
  if (refusals && isCounted(req, error))
    refusals.limiter
      .take(refusals.limited, policy.clientOf(req).network, req.answerHeaders)
      .then(() => answer(error), answer);
  else answer(error);
}
