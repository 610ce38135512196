import { expect, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { keyed, noted } from "../../../../test/delivery/example-events.ts";
import { type ManualDelivery, manualDelivery } from "../../../../test/delivery/semantics/manual-delivery.ts";
import { resolveDeadLetters } from "../operations/resolve-dead-letters.ts";
import { packRows } from "../relay/pack.ts";
import { claimPending } from "./claim-pending.ts";
import { endReservation } from "./end-reservation.ts";
import { expire } from "./expire.ts";
import { lockReserved } from "./lock-reserved.ts";
import type { Published } from "./mark-published.ts";
import { Outbox } from "./outbox.ts";
import type { PendingRow } from "./pending-row.ts";

/** Commits an event that is reserved for its process. @returns the rows that would be published directly. */
async function commitReserved(at: ManualDelivery, key?: string): Promise<PendingRow[]> {
  const reserved: PendingRow[] = [];
  const direct = { accepts: () => true, publish: (rows: readonly PendingRow[]) => void reserved.push(...rows) };
  const outbox = new Outbox(at.auth, {
    service: "auth",
    maxPayload: () => 1_048_576,
    onCommit: () => undefined,
    direct,
  });
  await outbox.transaction(async (tx) => {
    if (key === undefined) tx.enqueue(noted, { n: 1 });
    else tx.enqueue(keyed, { n: 1, text: "reserved" }, { key });
  });
  return reserved;
}

const reserveUntil = (at: ManualDelivery, time: string) =>
  at.auth.query({ text: `update event_outbox set next_attempt_at = ${time}` });
const sent = (rows: readonly PendingRow[]): Published[] =>
  rows.map(({ id, send_number }) => ({ id, sendNumber: send_number, streamSequence: 1 }));

test("a reserved event is claimed by no relay until its reservation is over", async () => {
  const at = await manualDelivery();
  await commitReserved(at);
  expect(await at.publish()).toEqual([]);
  await reserveUntil(at, "now() - interval '1 ms'");
  expect(await at.publish()).toHaveLength(1);
});

test("a claim whose transaction began before a reserved event leaves the event to its process too", async () => {
  const at = await manualDelivery();
  const rows = await at.auth.transaction(async (tx) => {
    // Takes the transaction's time.
    await tx.query({ text: "select now()" });
    await at.auth.detached(() => commitReserved(at));
    return (await claimPending(tx, 10, [])).rows;
  });
  expect(rows).toEqual([]);
});

test("a reservation that ends later than any can does not count: the database's clock went back", async () => {
  const at = await manualDelivery();
  await commitReserved(at);
  await reserveUntil(at, "now() + interval '10 minutes'");
  expect(await at.publish()).toHaveLength(1);
});

test("an event that could not be published directly is claimed at once", async () => {
  const at = await manualDelivery();
  const rows = await commitReserved(at);
  await endReservation(
    at.auth,
    rows.map(({ id }) => id),
  );
  expect(await at.publish()).toHaveLength(1);
});

test("an event is packed directly as it is by a claim", async () => {
  const at = await manualDelivery();
  const packs = packRows("auth", await commitReserved(at, "a"));
  await endReservation(
    at.auth,
    packs.flatMap(({ rows }) => rows.map(({ id }) => id)),
  );
  const claimed = await at.publish();
  expect(packs.map(({ body, subject, wireId }) => ({ body, subject, wireId }))).toEqual(
    claimed.map(({ body, subject, wireId }) => ({ body, subject, wireId })),
  );
});

test("the mark of a direct publish leaves rows that were settled, sent again or locked meanwhile", async () => {
  const at = await manualDelivery();
  const worker = at.worker([
    handle(noted, async () => {
      throw new PermanentError("never");
    }),
  ]);
  const rows = await commitReserved(at);
  const lock = () => at.auth.transaction((tx) => lockReserved(tx, sent(rows)));
  expect(await lock()).toEqual(sent(rows));
  await at.auth.transaction(async (tx) => {
    await tx.query({ text: "select from event_outbox for update" });
    expect(await at.auth.detached(lock)).toEqual([]);
  });
  await at.acknowledge(await at.deliver(worker, packRows("auth", rows)));
  expect(await lock()).toEqual([]);
  await resolveDeadLetters(at.auth, "replay", {}, "tester");
  expect(await at.outboxStatuses()).toEqual({ pending: 1 });
  expect(await lock()).toEqual([]);
});

test("an event that is answered before its mark counts as published, and expires by that time", async () => {
  const at = await manualDelivery();
  const fails = handle(noted, async () => {
    throw new Error("not yet");
  });
  await at.acknowledge(await at.deliver(at.worker([fails]), packRows("auth", await commitReserved(at))));
  const { rows } = await at.auth.query({
    text: "select status, first_published_at = published_at as known from event_outbox",
  });
  expect(rows).toEqual([{ status: "received", known: true }]);
  expect(await expire(at.auth, -1)).toBe(1);
});
