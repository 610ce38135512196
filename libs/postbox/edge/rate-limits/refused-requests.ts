import { errorCode } from "../../core/errors/postbox-error.ts";
import { parseLimits } from "../../core/limits/rate-limit.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { Limited } from "./rate-limiter.ts";

/** Whether a request counts against its address: it found nothing that has limits of its own, or had no valid token. */
export function isCounted({ route }: Incoming, error: unknown): boolean {
  const code = errorCode(error);
  if (code === "unauthenticated") return true;
  return route?.limits === undefined && (code === "not-found" || code === "method-not-allowed");
}

/** `RATE_LIMIT_REFUSED` as something to be counted. */
export function refusedRequests(text: string): Limited {
  return { action: "refused", limits: parseLimits(text) };
}
