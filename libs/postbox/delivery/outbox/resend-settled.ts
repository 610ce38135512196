import type { Transaction } from "../../postgres/transaction/transaction.ts";
import { outboxChannel } from "./outbox-channel.ts";

/** What a subscriber has lost, as far as its publisher can tell. */
export interface Lost {
  readonly target: string;
  /** What it has answered since then, by the publisher's database; and what it holds for later. */
  readonly since: Date;
}

/** Rows sent again in one transaction at most. */
export const resendBatch = 1_000;

/**
 * `processed`, `skipped`, `received` to `pending` under the next send number, in the same generation: the subscriber
 * answers what it still knows, and handles what it does not. What is older than the horizon stays as it is: the
 * subscriber may have forgotten that it handled it.
 *
 * @param after the last id of the batch before.
 * @returns the ids that moved, in order; fewer than `resendBatch` once there are no more.
 */
export async function resendSettled(
  transaction: Transaction,
  { target, since }: Lost,
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
