import { expect, test } from "@jest/globals";
import { Database, type HandlerTransaction, handle, type Message } from "postbox";
import { startProxy } from "postbox/testing";
import { claimDue } from "../../../libs/postbox/delivery/inbox/claims/claim-due.ts";
import { runClaimed } from "../../../libs/postbox/delivery/inbox/stored/run-claimed.ts";
import { noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

/** Conflicts with another transaction that are still to come. */
function conflicting(times: number) {
  const attempts: number[] = [];
  return {
    /** As which attempt each call of the handler was made. */
    attempts,
    handler: handle(
      noted,
      async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
        attempts.push(message.attempt);
        if (attempts.length <= times)
          await tx.query({ text: "do $$ begin raise 'raced' using errcode = '40001'; end $$" });
        await writeEffect(message, tx);
      },
      { maxAttempts: 2 },
    ),
  };
}

/** Stores one event, to be run from the table. */
async function stored(at: ManualDelivery): Promise<void> {
  await at.commit([{ n: 1 }]);
  await at.acknowledge(
    await at.deliver(at.worker([handle(noted, writeEffect)]), await at.publish(), { possiblePoison: true }),
  );
}

test("four conflicts in a row of a stored event count no attempt", async () => {
  const at = await manualDelivery();
  await stored(at);
  const { attempts, handler } = conflicting(4);
  await at.runDueOnce(at.worker([handler]));
  expect(await at.effects()).toEqual([1]);
  expect(attempts).toEqual([1, 1, 1, 1, 1]);
});

test("five conflicts in a row of a stored event count as a failed attempt, so that one without end is dead", async () => {
  const at = await manualDelivery();
  await stored(at);
  const { attempts, handler } = conflicting(Number.POSITIVE_INFINITY);
  await at.runDue(at.worker([handler]));
  expect(attempts).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  expect(await at.inboxStatuses()).toEqual({ dead: 1 });
  const { rows } = await at.auth.query({ text: "select attempts, error_message from event_outbox" });
  expect(rows).toEqual([{ attempts: 2, error_message: expect.stringContaining("raced") }]);
});

test("an event that got no connection to the database, twice in a row, is charged no attempt and no crash", async () => {
  const at = await manualDelivery();
  await stored(at);
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
  // Once to handle it, and again to write that it was not.
  const lost = link.loseAnswerTo(options.database).then(() => link.loseAnswerTo(options.database));
  if (row) await runClaimed({ ...at.worker([once]), database }, row);
  await lost;
  await database.close();
  expect(calls).toBe(0);
  const { rows } = await at.users.query({ text: "select status, attempts, crashes, started_at from event_inbox" });
  expect(rows).toEqual([{ status: "failed", attempts: 0, crashes: 0, started_at: null }]);
});
