import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { DeliveryMetrics } from "../../../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { countOpen } from "../../../libs/postbox/delivery/operations/count-open.ts";
import { expire } from "../../../libs/postbox/delivery/outbox/expire.ts";
import { queryAgain } from "../../../libs/postbox/delivery/outbox/query-again.ts";
import { resendLost } from "../../../libs/postbox/delivery/outbox/resend-lost.ts";
import { firstIdAt } from "../../../libs/postbox/delivery/retention/first-id-at.ts";
import { mostRead } from "./rows-read.ts";

const history = 30_000;

let stack: TestStack;
let auth: Database;
beforeAll(async () => {
  stack = await setup();
  auth = stack.database("auth");
});
beforeEach(async () => {
  await auth.query({ text: "truncate event_outbox" });
});
afterAll(() => stack.stop());

/** Rows that were published a while ago, each at a place of its own in the stream. */
async function published(count: number, status: "published" | "processed" | "received"): Promise<void> {
  await auth.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status, stream_sequence,
        published_at, first_published_at, processed_at, next_attempt_at)
      select uuidv7(), 'auth.note', 1, 'users', '{}', 'hash', $1, n, now() - interval '1 minute',
        now() - interval '1 minute', now(), now() + interval '1 hour'
      from generate_series(1, $2::int) as n`,
    values: [status, count],
  });
}

describe.each(["before the planner knows the tables", "after they were analyzed", "after all has changed since"])(
  "%s",
  (when) => {
    const analyze = async (database: Database, table: string) => {
      if (when.startsWith("before")) return;
      await database.query({ text: `analyze ${table}` });
    };

    test("a look for what is lost, to be asked about, or expired reads neither history nor what is safe in the stream", async () => {
      // The planner's figures are of a table in which all was open.
      if (when.endsWith("since")) {
        await published(history, "published");
        await analyze(auth, "event_outbox");
        await auth.query({ text: "update event_outbox set status = 'processed'" });
      } else await published(history, "processed");
      await published(3_000, "published");
      await published(3_000, "received");
      if (!when.endsWith("since")) await analyze(auth, "event_outbox");
      const at = new Date(Date.now() + 60_000);
      const position = { at, ackFloor: 5, lastSequence: 2_995 };
      const lost = (ackFloor: number, lastSequence: number) =>
        resendLost(auth, "users", { ...position, ackFloor, lastSequence }, { ...position, ackFloor });
      expect(await mostRead(auth, "event_outbox", () => lost(0, 3_000))).toBeLessThan(50);
      expect(await mostRead(auth, "event_outbox", () => queryAgain(auth))).toBeLessThan(50);
      expect(await mostRead(auth, "event_outbox", () => expire(auth, 7))).toBeLessThan(50);
      expect(await mostRead(auth, "event_outbox", () => lost(5, 2_995))).toBeLessThan(100);
    });
  },
);

test("a scrape reads what is open, and of events that wait behind a gap one for each key", async () => {
  await published(history, "published");
  await auth.query({ text: "analyze event_outbox" });
  await auth.query({ text: "update event_outbox set status = 'processed'" });
  await published(10, "published");
  const metrics = new DeliveryMetrics("auth");
  expect(await mostRead(auth, "event_outbox", () => countOpen(auth, metrics))).toBeLessThan(100);
});

test("what is expired is found at the beginning of the primary key", async () => {
  await published(5, "received");
  await auth.query({
    text: `update event_outbox set id = overlay(id::text placing left($1, 13) from 1 for 13)::uuid,
      first_published_at = now() - interval '8 days'`,
    values: [firstIdAt(Date.now() - 8 * 86_400_000)],
  });
  await published(5, "published");
  expect(await expire(auth, 7)).toBe(5);
});
