import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** `pending` to `dead`: the broker's payload limit was lowered below the event's size after the event was enqueued. */
export async function deadLetterOversize(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query({
    name: "outbox-dead-letter-oversize",
    text: `update event_outbox set status = 'dead',
        error_message = 'Over the broker''s payload limit, which was lowered since. Raise max_payload of NATS, restart it and replay this, or skip it.'
      where id = any($1::uuid[])`,
    values: [ids],
  });
}
