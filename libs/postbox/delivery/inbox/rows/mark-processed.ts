import type { Transaction } from "../../../postgres/transaction/transaction.ts";

/** How a stored event's row is set once the event is processed. Its payload is needed no longer. */
export const asProcessed = `status = 'processed', processed_at = now(), data = null, headers = null,
  next_attempt_at = null, started_at = null, error_message = null`;

/** Marks parked events that a batch has handled. */
export async function markProcessed(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query({
    name: "inbox-mark-processed",
    text: `update event_inbox set ${asProcessed} where id = any($1::uuid[])`,
    values: [ids],
  });
}
