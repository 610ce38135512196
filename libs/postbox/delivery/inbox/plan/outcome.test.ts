import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { handle, PermanentError } from "postbox";
import { noted } from "../../../../../test/delivery/example-events.ts";
import { failedOutcome, retryBackoff } from "./outcome.ts";

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
