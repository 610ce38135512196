import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

interface Row extends Record<string, unknown> {
  readonly status: string;
  readonly attempts: number;
  readonly interruptions: number;
  readonly error_message: string | null;
  /** Seconds until it is due. */
  readonly wait: number;
}

async function readRow(at: ManualDelivery): Promise<Row | undefined> {
  const { rows } = await at.users.query<Row>({
    text: `select status, attempts, interruptions, error_message,
      extract(epoch from next_attempt_at - now())::float8 as wait from event_inbox`,
  });
  return rows[0];
}

/** Keeps a lock in a transaction of its own while `work` runs. */
async function whileLocked(at: ManualDelivery, lock: string, work: () => Promise<void>): Promise<void> {
  await at.users.transaction(async (tx) => {
    await tx.query({ text: lock });
    await at.users.detached(work);
  });
}

/** Needs a lock that a neighbour may have, and waits for 10 ms. */
const impatient = handle(
  noted,
  async (message, tx) => {
    if (message.data.text === "broken") throw new Error("not now");
    await tx.query({ text: "set local lock_timeout = 10" });
    await tx.query({ text: "lock table inbox_mailbox in share mode" });
    await writeEffect(message, tx);
  },
  { maxAttempts: 2 },
);

const neighbour = "lock table inbox_mailbox in exclusive mode";

/** Stores one event, to be run from the table. */
async function storeOne(at: ManualDelivery, text?: string): Promise<void> {
  await at.commit([text === undefined ? { n: 1 } : { n: 1, text }]);
  await at.acknowledge(await at.deliver(at.worker([impatient]), await at.publish(), { possiblePoison: true }));
}

test("an event that meets its neighbours' locks waits longer each time, is charged the tenth in a row, and takes effect when they are gone", async () => {
  const at = await manualDelivery();
  const worker = at.worker([impatient]);
  await storeOne(at);
  const waits: number[] = [];
  await whileLocked(at, neighbour, async () => {
    for (let times = 1; times <= 9; times++) {
      await at.runDueOnce(worker);
      const row = await readRow(at);
      expect(row).toMatchObject({ status: "failed", attempts: 0, interruptions: times });
      expect(row?.error_message).toContain("lock timeout");
      expect(row?.wait).toBeLessThanOrEqual(Math.min(2 ** (times - 1), 15));
      waits.push(row?.wait ?? 0);
    }
    await at.runDueOnce(worker);
    expect(await readRow(at)).toMatchObject({ status: "failed", attempts: 1, interruptions: 0 });
  });
  expect(Math.max(...waits)).toBeGreaterThan(1);
  await at.runDueOnce(worker);
  expect(await at.effects()).toEqual([1]);
});

test("an event that meets its neighbours' locks in its first batch is charged nothing either, and waits from then on", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await whileLocked(at, neighbour, async () => {
    await at.acknowledge(await at.deliver(at.worker([impatient]), await at.publish()));
    expect(await readRow(at)).toMatchObject({ status: "failed", attempts: 0, interruptions: 1 });
    await at.runDueOnce(at.worker([impatient]));
    expect(await readRow(at)).toMatchObject({ status: "failed", attempts: 0, interruptions: 2 });
  });
  expect(await at.outboxStatuses()).toEqual({ received: 1 });
});

test("an event that is interrupted again and again is dead after its attempts", async () => {
  const at = await manualDelivery();
  await storeOne(at);
  await whileLocked(at, neighbour, () => at.runDue(at.worker([impatient])));
  expect(await readRow(at)).toMatchObject({ status: "dead", attempts: 2 });
  const { rows } = await at.auth.query({ text: "select status, error_message from event_outbox" });
  expect(rows).toEqual([{ status: "dead", error_message: expect.stringContaining("lock timeout") }]);
});

test("an event's own failure begins its count of interruptions anew", async () => {
  const at = await manualDelivery();
  await storeOne(at, "broken");
  await at.users.query({ text: "update event_inbox set interruptions = 9" });
  await at.runDueOnce(at.worker([impatient]));
  expect(await readRow(at)).toMatchObject({ status: "failed", attempts: 1, interruptions: 0 });
});

test("an event whose key another transaction has locked is charged no attempt and runs again", async () => {
  const at = await manualDelivery();
  const worker = at.worker([handle(keyed, writeEffect)]);
  await at.commit([{ event: keyed, key: "a", n: 1 }]);
  await at.acknowledge(await at.deliver(worker, await at.publish(), { possiblePoison: true }));
  await whileLocked(at, "select from inbox_mailbox for update", async () => {
    await at.runDueOnce(worker);
    expect(await readRow(at)).toMatchObject({
      status: "failed",
      attempts: 0,
      interruptions: 1,
      error_message: expect.stringContaining("lock timeout"),
    });
  });
  await at.runDueOnce(worker);
  expect(await at.effects()).toEqual([1]);
});
