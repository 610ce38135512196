import type { Transaction } from "../../postgres/transaction/transaction.ts";
import { outboxChannel } from "./outbox-channel.ts";

/** The answers that a subscriber has lost, as its publisher knows them. */
export interface LostAnswers {
  /** The subscriber. */
  readonly target: string;
  /** By the publisher's database. Lost is what was answered since then, and all that is `received`. */
  readonly since: Date;
}

/** Rows that are sent again in one transaction at most. */
export const resendBatch = 1_000;

/**
 * `processed`, `skipped`, `received` to `pending` under the next send number, in the same generation: the subscriber
 * answers what it still knows, and handles the rest. Events older than the horizon stay as they are, because their
 * subscriber may have deleted the inbox rows that keep it from handling them twice.
 *
 * @param after the last id of the batch before.
 * @returns the ids that moved, in order; fewer than `resendBatch` at the end.
 */
export async function resendSettled(
  transaction: Transaction,
  { target, since }: LostAnswers,
  { after, horizonDays }: { after: string; horizonDays: number },
): Promise<string[]> {
  const { rows } = await transaction.query<{ id: string }>({
    name: "outbox-resend-settled",
    text: `with lost as (
        select id from event_outbox
        where id > $3 and target = $1 and status in ('processed', 'skipped', 'received')
          and coalesce(processed_at, now()) >= $2 and first_published_at >= now() - $4 * interval '1 day'
        order by id limit ${resendBatch} for update)
      update event_outbox o
      set status = 'pending', send_number = send_number + 1, stream_sequence = null, next_attempt_at = null,
        processed_at = null
      where o.id = any (array(select id from lost))
      returning o.id`,
    values: [target, since, after, horizonDays],
  });
  if (rows.length > 0) await transaction.query({ text: `notify ${outboxChannel}` });
  return rows.map(({ id }) => id).toSorted();
}
