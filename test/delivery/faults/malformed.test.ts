import { expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { statuses, until } from "postbox/testing";
import { v7 as uuidv7 } from "uuid";
import { noted } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { deployment } from "./deployment.ts";

/** Puts an event of auth for users into its outbox, which never was in a transaction of the ledger. @returns its id. */
async function insert(auth: Database, columns: Readonly<Record<string, unknown>>): Promise<string> {
  const row = {
    id: uuidv7(),
    event_type: noted.subject,
    version: 1,
    target: "users",
    data: '{"n":0}',
    payload_hash: "",
    ...columns,
  };
  const names = Object.keys(row);
  await auth.query({
    text: `insert into event_outbox (${names.join()}) values (${names.map((_, index) => `$${index + 1}`).join()})`,
    values: Object.values(row),
  });
  return row.id;
}

test("an event that its subscriber cannot read is dead at its publisher, with the reason, and those beside it take effect", async () => {
  await using run = await deployment();
  const { ledger, auth } = run;
  await ledger.commit(range(1, 5).map((n) => ({ n })));
  // A key without a number: no release of today writes it.
  await insert(auth, { key: "a" });
  await ledger.commit(range(6, 10).map((n) => ({ n })));
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(async () => (await statuses(auth, "event_outbox")).dead === 1, { what: "it is dead" });
  await until(async () => (await statuses(auth, "event_outbox")).processed === 10, {
    what: "the others are processed",
  });
  const { rows } = await auth.query({
    text: "select key, send_number, error_message from event_outbox where status = 'dead'",
  });
  expect(rows).toEqual([
    {
      key: "a",
      send_number: 0,
      error_message: expect.stringMatching(/malformed.*"sequence":null.*replay it, or skip it/),
    },
  ]);
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("what is refused is answered by its id and generation where both can be read, and changes nothing else", async () => {
  await using run = await deployment();
  const { ledger, auth } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(() => run.jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  const published = { status: "published", stream_sequence: 1_000, published_at: new Date() };
  const [malformed, foreign, deep, replayed, unread] = [
    await insert(auth, published),
    await insert(auth, published),
    await insert(auth, published),
    await insert(auth, { ...published, generation: 1 }),
    await insert(auth, published),
  ];
  const envelope = {
    service: "auth",
    event_type: noted.subject,
    version: 1,
    key: null,
    sequence: null,
    generation: 0,
    occurred_at: new Date().toISOString(),
    data: { n: 1 },
    headers: {},
  };
  const pack = [
    { ...envelope, event_id: malformed, version: -1 },
    { ...envelope, event_id: foreign, service: "emails" },
    { ...envelope, event_id: replayed, version: -1 },
    { ...envelope, event_id: unread, generation: -1 },
    { ...envelope, event_id: unread.toUpperCase(), version: -1 },
  ];
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  const tooDeep = JSON.stringify({ ...envelope, event_id: deep, data: "nested" }).replace('"nested"', nested);
  const body = [...pack.map((one) => JSON.stringify(one)), tooDeep].join();
  await run.nats.jetstream().publish(`users.${noted.subject}`, `[${body}]`);
  await until(async () => (await statuses(auth, "event_outbox")).dead === 3, { what: "three are dead" });
  // It comes through the same collector, later than whatever else was answered.
  await ledger.commit([{ n: 1 }]);
  await until(async () => (await statuses(auth, "event_outbox")).processed === 1, { what: "the next is processed" });
  const { rows } = await auth.query<{ id: string; error_message: string }>({
    text: "select id, error_message from event_outbox where status = 'dead' order by id",
  });
  expect(rows).toEqual([
    { id: malformed, error_message: expect.stringContaining("malformed") },
    { id: foreign, error_message: expect.stringContaining("of 'emails' came as 'auth.note'") },
    { id: deep, error_message: expect.stringContaining("RangeError") },
  ]);
  expect(await statuses(auth, "event_outbox")).toEqual({ dead: 3, processed: 1, published: 2 });
});
