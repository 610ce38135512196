import { expect, test } from "@jest/globals";
import { type HandlerTransaction, handle, type Message } from "postbox";
import { noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

/** A handler that conflicts with another transaction the first so many times. */
function conflicting(times: number) {
  const attempts: number[] = [];
  return {
    /** The attempt of each call of the handler. */
    attempts,
    handler: handle(
      noted,
      async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
        attempts.push(message.attempt);
        if (attempts.length <= times)
          await tx.query({ text: "do $$ begin raise 'conflict' using errcode = '40001'; end $$" });
        await writeEffect(message, tx);
      },
      { maxAttempts: 2 },
    ),
  };
}

/** Stores one event, to be run from the table. */
async function storeOne(at: ManualDelivery): Promise<void> {
  await at.commit([{ n: 1 }]);
  await at.acknowledge(
    await at.deliver(at.worker([handle(noted, writeEffect)]), await at.publish(), { possiblePoison: true }),
  );
}

test("four conflicts in a row of a stored event count no attempt", async () => {
  const at = await manualDelivery();
  await storeOne(at);
  const { attempts, handler } = conflicting(4);
  await at.runDueOnce(at.worker([handler]));
  expect(await at.effects()).toEqual([1]);
  expect(attempts).toEqual([1, 1, 1, 1, 1]);
});

test("five conflicts in a row of a stored event count as a failed attempt, so that one without end is dead", async () => {
  const at = await manualDelivery();
  await storeOne(at);
  const { attempts, handler } = conflicting(Number.POSITIVE_INFINITY);
  await at.runDue(at.worker([handler]));
  expect(attempts).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  expect(await at.inboxStatuses()).toEqual({ dead: 1 });
  const { rows } = await at.auth.query({ text: "select attempts, error_message from event_outbox" });
  expect(rows).toEqual([{ attempts: 2, error_message: expect.stringContaining("conflict") }]);
});
