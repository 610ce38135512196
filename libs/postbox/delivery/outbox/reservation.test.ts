import { expect, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/dead-letters.ts";
import { claimPending } from "../../../libs/postbox/delivery/outbox/claim-pending.ts";
import { endReservation } from "../../../libs/postbox/delivery/outbox/end-reservation.ts";
import { expire } from "../../../libs/postbox/delivery/outbox/expire.ts";
import { lockReserved } from "../../../libs/postbox/delivery/outbox/lock-reserved.ts";
import type { Published } from "../../../libs/postbox/delivery/outbox/mark-published.ts";
import { Outbox } from "../../../libs/postbox/delivery/outbox/outbox.ts";
import type { PendingRow } from "../../../libs/postbox/delivery/outbox/pending-row.ts";
import { packRows } from "../../../libs/postbox/delivery/relay/pack.ts";
import { keyed, noted } from "../notes.ts";
import { type Desk, desk } from "./desk.ts";

/** Commits an event that is held for its own process, and gives what would be published directly. */
async function commitHeld(at: Desk, key?: string): Promise<PendingRow[]> {
  const held: PendingRow[] = [];
  const direct = { accepts: () => true, publish: (rows: readonly PendingRow[]) => void held.push(...rows) };
  const outbox = new Outbox(at.auth, {
    service: "auth",
    maxPayload: () => 1_048_576,
    onCommit: () => undefined,
    direct,
  });
  await at.auth.transaction(async () => {
    if (key === undefined) outbox.enqueue(noted, { n: 1 });
    else outbox.enqueue(keyed, { n: 1, text: "held" }, { key });
  });
  return held;
}

const holdUntil = (at: Desk, time: string) =>
  at.auth.query({ text: `update event_outbox set next_attempt_at = ${time}` });
const sent = (rows: readonly PendingRow[]): Published[] =>
  rows.map(({ id, send_number }) => ({ id, sendNumber: send_number, streamSequence: 1 }));

test("what is held is claimed by nobody until its hold is over", async () => {
  const at = await desk();
  await commitHeld(at);
  expect(await at.publish()).toEqual([]);
  await holdUntil(at, "now() - interval '1 ms'");
  expect(await at.publish()).toHaveLength(1);
});

test("a claim whose transaction is older than the event leaves it to its process too", async () => {
  const at = await desk();
  const rows = await at.auth.transaction(async (tx) => {
    // Takes the transaction's time.
    await tx.query({ text: "select now()" });
    await at.auth.detached(() => commitHeld(at));
    return (await claimPending(tx, 10, [])).rows;
  });
  expect(rows).toEqual([]);
});

test("a hold that seems to last for longer than holds last is none: the clock of the database went back", async () => {
  const at = await desk();
  await commitHeld(at);
  await holdUntil(at, "now() + interval '10 minutes'");
  expect(await at.publish()).toHaveLength(1);
});

test("what could not be published directly is claimed at once", async () => {
  const at = await desk();
  const rows = await commitHeld(at);
  await endReservation(
    at.auth,
    rows.map(({ id }) => id),
  );
  expect(await at.publish()).toHaveLength(1);
});

test("an event goes out directly as it would by a claim", async () => {
  const at = await desk();
  const packs = packRows("auth", await commitHeld(at, "a"));
  await endReservation(
    at.auth,
    packs.flatMap(({ rows }) => rows.map(({ id }) => id)),
  );
  const claimed = await at.publish();
  expect(packs.map(({ body, subject, wireId }) => ({ body, subject, wireId }))).toEqual(
    claimed.map(({ body, subject, wireId }) => ({ body, subject, wireId })),
  );
});

test("the mark of a direct publish leaves what was settled, sent again or taken by another meanwhile", async () => {
  const at = await desk();
  const worker = at.worker([
    handle(noted, async () => {
      throw new PermanentError("never");
    }),
  ]);
  const rows = await commitHeld(at);
  const marked = () => at.auth.transaction((tx) => lockReserved(tx, sent(rows)));
  expect(await marked()).toEqual(sent(rows));
  await at.auth.transaction(async (tx) => {
    await tx.query({ text: "select from event_outbox for update" });
    expect(await at.auth.detached(marked)).toEqual([]);
  });
  await at.acknowledge(await at.deliver(worker, packRows("auth", rows)));
  expect(await marked()).toEqual([]);
  await resolveDeadLetters(at.auth, "replay", {}, "tester");
  expect(await at.outboxStatuses()).toEqual({ pending: 1 });
  expect(await marked()).toEqual([]);
});

test("an event that was answered before its mark was published all the same, and expires by that", async () => {
  const at = await desk();
  const fails = handle(noted, async () => {
    throw new Error("not yet");
  });
  await at.acknowledge(await at.deliver(at.worker([fails]), packRows("auth", await commitHeld(at))));
  const { rows } = await at.auth.query({
    text: "select status, first_published_at = published_at as known from event_outbox",
  });
  expect(rows).toEqual([{ status: "received", known: true }]);
  expect(await expire(at.auth, -1)).toBe(1);
});
