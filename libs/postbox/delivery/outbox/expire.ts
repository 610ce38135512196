import type { Database } from "../../postgres/database.ts";
import { firstIdAt } from "../retention/first-id-at.ts";
import { batchSize, inBatches } from "./in-batches.ts";

/**
 * `pending`, `published`, `received` to `dead`, for events that were first published more than `days` ago.
 *
 * An event is enqueued before it is published. So its id is below the first id of that moment, and the statement reads
 * the beginning of the primary key only.
 *
 * @returns how many rows moved.
 */
export function expire(database: Database, days: number): Promise<number> {
  return inBatches(database, {
    name: "outbox-expire",
    text: `with expired as (
        select id from event_outbox
        where id < $3 and status in ('pending', 'published', 'received')
          and first_published_at < now() - $1 * interval '1 day'
        order by id limit $2 for update skip locked)
      update event_outbox o
      set status = 'dead', next_attempt_at = null,
        error_message = format('No acknowledgement within %s days of the first publish.', $1)
      where o.id = any (array(select id from expired))`,
    values: [days, batchSize, firstIdAt(Date.now() - days * 86_400_000)],
  });
}
