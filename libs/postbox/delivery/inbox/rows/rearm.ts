import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";

/** Takes over what an operator did: a replayed event runs again as if for the first time, a skipped one is skipped. */
export async function rearm(transaction: Transaction, events: readonly IncomingEvent[]): Promise<void> {
  await transaction.query({
    name: "inbox-rearm",
    text: `update event_inbox i set generation = row.generation, attempts = 0, crashes = 0, interruptions = 0,
        started_at = null, error_message = null, next_attempt_at = now(), processed_at = case when row.tombstone then now() end,
        status = case when row.tombstone then 'skipped' else 'failed' end
      from unnest($1::uuid[], $2::int[], $3::bool[]) as row (id, generation, tombstone)
      where i.id = row.id`,
    values: [
      events.map(({ id }) => id),
      events.map(({ generation }) => generation),
      events.map(({ tombstone }) => tombstone),
    ],
  });
}
