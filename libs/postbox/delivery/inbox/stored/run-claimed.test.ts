import { expect, test } from "@jest/globals";
import { Database, type HandlerTransaction, handle, type Message } from "postbox";
import { startProxy } from "postbox/testing";
import { keyed, noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { type ManualDelivery, manualDelivery } from "../../../../../test/delivery/semantics/manual-delivery.ts";
import type { Pack } from "../../relay/pack.ts";
import { claimDue } from "../claims/claim-due.ts";
import { runClaimed } from "./run-claimed.ts";
import { runStored } from "./run-stored.ts";

const ofKeyA = (...numbers: number[]) => numbers.map((n) => ({ event: keyed, key: "a", n }));
const keyedWorker = (at: ManualDelivery) => at.worker([handle(keyed, writeEffect)]);

/** Publishes what is pending, one pack an event. */
async function publishSingly(at: ManualDelivery): Promise<Pack[]> {
  const packs = await at.publish();
  return packs.flatMap((pack) =>
    (JSON.parse(pack.body) as unknown[]).map((envelope) => ({ ...pack, body: JSON.stringify([envelope]) })),
  );
}

/** Sets the cursors of these keys. */
async function setCursors(at: ManualDelivery, cursors: Record<string, number>): Promise<void> {
  await at.users.query({
    text: `insert into inbox_mailbox (source, key, last_sequence) select 'auth', * from unnest($1::text[], $2::bigint[])
      on conflict (source, key) do update set last_sequence = excluded.last_sequence`,
    values: [Object.keys(cursors), Object.values(cursors)],
  });
}

test("a parked event that ended its process during a take-up runs alone from then on, and is dead in the end", async () => {
  const at = await manualDelivery();
  const worker = keyedWorker(at);
  await at.commit(ofKeyA(1, 2, 3));
  const packs = await publishSingly(at);
  for (const pack of packs.slice(1)) await at.deliver(worker, [pack]);
  await setCursors(at, { a: 1 });
  await at.users.query({ text: "update event_inbox set next_attempt_at = now() where sequence = 2" });
  const seen: string[] = [];
  for (;;) {
    const [row] = await at.claimAndEnd();
    seen.push(`${row?.status} ${row?.crashes}`);
    if (row === undefined || row.crashes < 3) continue;
    await at.acknowledge(await runClaimed(worker, row));
    break;
  }
  expect(seen).toEqual(["parked 0", "failed 1", "failed 2", "failed 3"]);
  expect(await at.effects()).toEqual([]);
  const { rows } = await at.users.query({
    text: "select sequence, status, error_message from event_inbox order by sequence",
  });
  expect(rows).toEqual([
    { sequence: "2", status: "dead", error_message: "Its process ended or stood still 3 times while it was handled." },
    { sequence: "3", status: "parked", error_message: null },
  ]);
});

test("a key goes on behind a skipped event though the process ended before the take-up", async () => {
  const at = await manualDelivery();
  const worker = keyedWorker(at);
  await at.commit(ofKeyA(1, 2, 3, 4));
  const packs = await publishSingly(at);
  const failing = at.worker([
    handle(keyed, async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
      if (message.data.n === 1) throw new Error("not yet");
      await writeEffect(message, tx);
    }),
  ]);
  await at.deliver(failing, packs);
  await at.users.query({ text: "update event_inbox set status = 'skipped' where sequence in (2, 3)" });
  await at.users.query({ text: "update event_inbox set next_attempt_at = now() where sequence = 1" });
  const [row] = await at.claim();
  if (row) await runStored(worker, row);
  expect(await at.effects("a")).toEqual([1]);
  await at.runDue(worker);
  expect(await at.effects("a")).toEqual([1, 4]);
});

test("a worker that wakes after its lease leaves the event to its successor", async () => {
  const at = await manualDelivery();
  await at.commit([{ event: keyed, key: "a", n: 1 }]);
  await at.deliver(keyedWorker(at), await at.publish(), { possiblePoison: true });
  const [lapsed] = await at.claimAndEnd();
  const [row] = await at.claim();
  if (lapsed === undefined || row === undefined) throw new Error("Nothing was due.");
  await runClaimed(keyedWorker(at), lapsed);
  expect(await at.effects()).toEqual([]);
  await Promise.all([runClaimed(keyedWorker(at), row), runClaimed(keyedWorker(at), lapsed)]);
  await runClaimed(keyedWorker(at), lapsed);
  expect(await at.effects()).toEqual([1]);
  expect(await at.inboxStatuses()).toEqual({ processed: 1 });
});

test("an event that twice got no connection to the database is charged no attempt and no crash", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.deliver(at.worker([handle(noted, writeEffect)]), await at.publish(), { possiblePoison: true });
  const { options } = at.users;
  await using link = await startProxy(options);
  const database = new Database({ ...options, host: "127.0.0.1", port: link.port });
  let calls = 0;
  const once = handle(
    noted,
    async (message, tx) => {
      calls += 1;
      await writeEffect(message, tx);
    },
    { maxAttempts: 1 },
  );
  const [row] = await claimDue(at.users, 1, { possiblePoison: false });
  // The first time to handle the event, the second time to record the outcome.
  const lost = link.loseAnswerTo(options.database).then(() => link.loseAnswerTo(options.database));
  if (row) await runClaimed({ ...at.worker([once]), database }, row);
  await lost;
  await database.close();
  expect(calls).toBe(0);
  const { rows } = await at.users.query({ text: "select status, attempts, crashes, started_at from event_inbox" });
  expect(rows).toEqual([{ status: "failed", attempts: 0, crashes: 0, started_at: null }]);
});
