import type { Transaction } from "../../postgres/transaction/transaction.ts";
import { outboxChannel } from "./outbox-channel.ts";

/**
 * `dead` to `pending` in the next generation: the subscriber handles the event anew, and answers to earlier generations
 * no longer count. Events older than the horizon stay `dead`, because their subscriber may have forgotten that it
 * handled them.
 *
 * @param tombstone true: the subscriber skips the event, and its key goes on.
 * @returns the ids that moved.
 */
export async function replayDead(
  transaction: Transaction,
  ids: readonly string[],
  { tombstone, horizonDays }: { tombstone: boolean; horizonDays: number },
): Promise<string[]> {
  const { rows } = await transaction.query<{ id: string }>({
    name: "outbox-replay",
    text: `with dead as (
        select id from event_outbox
        where id = any($1::uuid[]) and status = 'dead'
          and ($2 or coalesce(first_published_at, now()) >= now() - $3 * interval '1 day')
        order by id for update)
      update event_outbox o
      set status = 'pending', generation = generation + 1, send_number = send_number + 1, tombstone = $2,
        stream_sequence = null, next_attempt_at = null, error_message = null
      from dead where o.id = dead.id
      returning o.id`,
    values: [ids, tombstone, horizonDays],
  });
  if (rows.length > 0) await transaction.query({ text: `notify ${outboxChannel}` });
  return rows.map(({ id }) => id);
}
