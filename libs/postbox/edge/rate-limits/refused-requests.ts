import { errorCode } from "../../core/errors/postbox-error.ts";
import { parseLimits } from "../../core/limits/rate-limit.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { Limited } from "./rate-limiter.ts";

/** Whether a refused request counts against its address: it had no valid token, or found no route with limits of its own. */
export function isCounted({ route }: Incoming, error: unknown): boolean {
  const code = errorCode(error);
  if (code === "unauthenticated") return true;
  return route?.limits === undefined && (code === "not-found" || code === "method-not-allowed");
}

/** Refused requests as something to be limited: `refusedRequests("600/minute")`. */
export function refusedRequests(limits: string): Limited {
  return { action: "refused", limits: parseLimits(limits) };
}
