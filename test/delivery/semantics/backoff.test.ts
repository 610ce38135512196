import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { handle, PermanentError } from "postbox";
import { backoffMs } from "../../../libs/postbox/core/backoff/full-jitter.ts";
import { failedOutcome, retryBackoff } from "../../../libs/postbox/delivery/inbox/plan/outcome.ts";
import { noted } from "../publisher-and-subscriber.ts";

const limits = { baseMs: 100, capMs: 5_000 };

test("the upper bound of a wait doubles with each failure until the cap", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => backoffMs(failures, { ...limits, random: () => 1 }));
  expect(bounds).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test("a wait is anywhere between nothing and its bound", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), share, (failures, random) => {
      const bound = backoffMs(failures, { ...limits, random: () => 1 });
      expect(backoffMs(failures, { ...limits, random: () => random })).toBe(Math.round(random * bound));
    }),
  );
});

const handler = handle(noted, async () => undefined, { maxAttempts: 3 });

test("a failure is tried again until the last attempt, which is final", () => {
  const outcomes = [1, 2, 3].map((attempts) => failedOutcome(new Error("no"), attempts, handler));
  expect(outcomes.map(({ status }) => status)).toEqual(["failed", "failed", "dead"]);
  expect(outcomes[2]).toEqual({ status: "dead", attempts: 3, error: "Error: no" });
});

test("a permanent error is final at the first attempt", () => {
  expect(failedOutcome(new PermanentError("never"), 1, handler)).toEqual({
    status: "dead",
    attempts: 1,
    error: "PermanentError: never",
  });
});

test("the wait before a retry stays within its limits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (attempts) => {
      const outcome = failedOutcome(
        new Error("no"),
        attempts,
        handle(noted, async () => undefined),
      );
      expect(outcome).toMatchObject({ status: "failed", attempts });
      const { dueInMs } = outcome as { dueInMs: number };
      expect(dueInMs).toBeGreaterThanOrEqual(0);
      expect(dueInMs).toBeLessThanOrEqual(Math.min(retryBackoff.capMs, retryBackoff.baseMs * 2 ** (attempts - 1)));
    }),
  );
});
