import { expect, test } from "@jest/globals";
import { type Database, service } from "postbox";
import { scheduler } from "postbox/mixins";
import { setup, statuses, until } from "postbox/testing";
import { mostRead } from "../../../../test/delivery/bounds/rows-read.ts";
import { promoteAll, promoteScheduled } from "./promote-scheduled.ts";

/** Events of ten keys that are all due since a minute. */
async function schedule(auth: Database, count: number): Promise<void> {
  await auth.query({
    text: `insert into event_outbox (id, event_type, version, target, key, data, payload_hash, status, next_attempt_at)
      select gen_random_uuid(), 'auth.note', 1, 'users', (n % 10)::text, '{}', 'hash', 'scheduled',
        now() - interval '1 minute' from generate_series(1, $1::int) as n`,
    values: [count],
  });
}

test("all that is due at once is promoted, a batch a transaction", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  await schedule(auth, 5_100);
  let batches = 0;
  await promoteAll(
    auth,
    () => {
      batches += 1;
    },
    new AbortController().signal,
  );
  expect(batches).toBe(11);
  const { rows: transactions } = await auth.query({
    text: "select count(*)::int as events from event_outbox group by xmin::text order by events",
  });
  expect(transactions).toEqual([100, ...Array(10).fill(500)].map((events) => ({ events })));
  expect(await statuses(auth, "event_outbox")).toEqual({ pending: 5_100 });
  const { rows } = await auth.query({
    text: "select count(distinct sequence)::int as numbers, max(sequence)::int as last from event_outbox group by key",
  });
  expect(rows).toEqual(Array.from({ length: 10 }, () => ({ numbers: 510, last: 510 })));
});

test("a batch of a long backlog reads no more than it promotes", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  await schedule(auth, 20_000);
  expect(await mostRead(auth, "event_outbox", () => promoteScheduled(auth))).toBeLessThan(1_500);
});

test("a stop ends the promotion after the batch under way", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  await schedule(auth, 1_200);
  const stopping = new AbortController();
  await promoteAll(auth, () => stopping.abort(), stopping.signal);
  expect(await statuses(auth, "event_outbox")).toEqual({ pending: 500, scheduled: 700 });
});

test("a scheduler promotes all that is due at one tick", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  await schedule(auth, 15_000);
  await stack.startServices([service({ name: "auth.scheduler", mixins: [scheduler("auth", () => ({}), [])] })]);
  await until(async () => (await statuses(auth, "event_outbox")).scheduled === undefined, { what: "all are promoted" });
});
