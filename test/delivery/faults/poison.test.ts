import { expect, jest, test } from "@jest/globals";
import { handle } from "postbox";
import { metricValue, statuses, until } from "postbox/testing";
import { deadlyText, noted, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { deployment, endLeases, keepAlive } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

/** Where nobody is killed, no message may come again because the machine is busy. */
const calm = { ackWaitMs: 30_000 };

test("poison is tried as often as its handler allows, never by redelivery, and the rest is not held up", async () => {
  await using run = await deployment(calm);
  const { ledger } = run;
  const calls = new Map<number, number>();
  const picky = handle(
    noted,
    async (message, tx) => {
      const { n, text } = message.data;
      calls.set(n, (calls.get(n) ?? 0) + 1);
      if (text === "poison") throw new Error("not this one");
      await writeEffect(message, tx);
    },
    { maxAttempts: 3 },
  );
  await Promise.all([run.startPublisher(), run.startWorker([picky])]);
  const poison = range(1, 10).map((n) => n * 100);
  for (const last of poison)
    await ledger.commit(range(last - 99, last).map((n) => (n === last ? { n, text: "poison" } : { n })));
  await ledger.differsBy({ ...balanced, lost: poison });
  await until(async () => (await run.jsm.streams.info("users_stream")).state.messages === 0, {
    what: "the broker is rid of all, poison too",
  });
  await until(async () => (await statuses(run.auth, "event_outbox")).dead === 10, {
    what: "poison is dead",
  });
  expect((await run.jsm.consumers.info("users_stream", "mailbox")).num_redelivered).toBe(0);
  // A batch in which something fails is run again, first by groups and then event by event: up to three calls at the
  // first attempt.
  for (const n of poison) expect(calls.get(n)).toBeLessThanOrEqual(3 + 3);
  expect(await statuses(run.auth, "event_outbox")).toEqual({ dead: 10, processed: 990 });
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: poison });
});

test("an event that ends its process is dead after three crashes, and those beside it take effect once", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  // Effects take their time, so that others are under way when the process ends.
  await users.query({
    text: `create function linger() returns trigger language plpgsql as $$
      begin
        perform pg_sleep(0.1);
        return new;
      end $$`,
  });
  await users.query({ text: "create trigger linger before insert on effect for each row execute function linger()" });
  await run.startPublisher();
  run.resend();
  const worker = await keepAlive(
    () => run.spawnWorker({ waitUntilReady: false }),
    () => endLeases(users),
  );
  await ledger.commit(range(1, 20).map((n) => (n === 3 ? { n, text: deadlyText } : { n })));
  const ended = async () => {
    const { dead = 0, processed = 0 } = await statuses(run.auth, "event_outbox");
    return dead + processed === 20;
  };
  await until(ended, { what: "each is processed or dead", deadlineMs: 60_000 });
  await worker.stop();
  expect(await statuses(run.auth, "event_outbox")).toEqual({ dead: 1, processed: 19 });
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [3] });
  const { rows } = await run.auth.query({ text: "select error_message from event_outbox where status = 'dead'" });
  expect(rows).toEqual([{ error_message: expect.stringContaining("Its process ended or stood still 3 times") }]);
});

test("a message that is delivered again and again by hand has the effect of one", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(() => run.jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  await worker.stop();
  await ledger.commit(range(1, 10).map((n) => ({ n })));
  await until(async () => (await statuses(run.auth, "event_outbox")).published === 10, { what: "all are published" });
  const { first_seq: seq } = (await run.jsm.streams.info("users_stream")).state;
  const { subject, data } = await run.jsm.streams.getMessage("users_stream", { seq });
  const before = await outcomes("duplicate");
  await run.nats.jetstream().publish(subject, data);
  await Promise.all([run.startWorker(), run.startWorker()]);
  await ledger.settled();
  await run.nats.jetstream().publish(subject, data);
  await until(async () => (await outcomes("duplicate")) >= before + 10, { what: "the duplicates are known" });
  await until(async () => (await run.jsm.streams.info("users_stream")).state.messages === 0, { what: "all are acked" });
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("an id that comes again with another payload is refused, counted, and changes nothing", async () => {
  await using run = await deployment(calm);
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await ledger.commit([{ n: 1 }]);
  await ledger.settled();
  const { rows } = await run.auth.query<{ id: string }>({ text: "select id from event_outbox" });
  const envelope = {
    event_id: rows[0]?.id,
    service: "auth",
    event_type: noted.subject,
    version: 1,
    key: null,
    sequence: null,
    generation: 0,
    occurred_at: new Date().toISOString(),
    data: { n: 2 },
    headers: {},
  };
  const before = await outcomes("conflict");
  await run.nats.jetstream().publish(`users.${noted.subject}`, JSON.stringify([envelope]));
  await until(async () => (await outcomes("conflict")) === before + 1, { what: "the conflict is counted" });
  await ledger.commit([{ n: 3 }]);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("what is on the wire and is no pack of events is refused, counted, and holds nothing up", async () => {
  await using run = await deployment(calm);
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(() => run.jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  const before = await outcomes("malformed");
  for (const body of ["", "{", "null", "{}", "[null]", "[{}]", '[{"event_id":"1"}]'])
    await run.nats.jetstream().publish(`users.${noted.subject}`, body);
  await ledger.commit([{ n: 1 }]);
  await ledger.settled();
  expect(await outcomes("malformed")).toBe(before + 7);
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a payload that the broker would refuse is refused before the commit, and the largest one arrives", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  const tooLarge = { type: "event-too-large" };
  await expect(ledger.commit([{ n: 1 }, { n: 2, text: "x".repeat(2_000_000) }])).rejects.toMatchObject(tooLarge);
  await expect(ledger.commit([{ n: 3, text: "x".repeat(1_048_000) }])).rejects.toMatchObject(tooLarge);
  await expect(ledger.commit([{ n: 4, text: "é".repeat(600_000) }])).rejects.toMatchObject(tooLarge);
  await ledger.commit([{ n: 5, text: "x".repeat(1_047_800) }]);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(await statuses(run.auth, "event_outbox")).toEqual({ processed: 1 });
});

/** How often handling ended like this in this process. */
const outcomes = (outcome: string) => metricValue("postbox_inbox_handled_total", { outcome });
