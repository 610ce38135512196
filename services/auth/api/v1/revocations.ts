import { action, revocationsParams, revocationsResult } from "postbox";
import type { AuthService } from "../../auth-service.ts";
import { findRevocations } from "../../sessions/find-revocations.ts";

/** Polled by every process that remembers verified tokens. */
export const revocations = action({
  access: "service",
  params: revocationsParams,
  response: revocationsResult,
  handler(this: AuthService, ctx) {
    return findRevocations(this.db, ctx.params);
  },
});
