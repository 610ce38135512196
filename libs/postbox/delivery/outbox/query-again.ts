import type { Database } from "../../postgres/database.ts";
import { batchSize, inBatches } from "./in-batches.ts";

/**
 * `received` to `pending` under the next send number, once `next_attempt_at` has come: the subscriber is asked what
 * became of the event. A subscriber whose database was restored may have lost an event that it had stored.
 *
 * @returns how many rows moved.
 */
export function queryAgain(database: Database): Promise<number> {
  return inBatches(database, {
    name: "outbox-query-again",
    text: `with due as (
        select id from event_outbox where status = 'received' and next_attempt_at <= now()
        order by next_attempt_at limit $1 for update skip locked)
      update event_outbox o
      set status = 'pending', send_number = send_number + 1, stream_sequence = null, next_attempt_at = null
      where o.id = any (array(select id from due))`,
    values: [batchSize],
  });
}
