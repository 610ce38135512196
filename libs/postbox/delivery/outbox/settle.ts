import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Ack } from "../wire/ack.ts";

/** Hours after which a subscriber is asked again about an event that it has stored for later. */
const queryAgainHours = 1;

/** An answer may come before `markPublished`, or instead of it. */
const wasPublished = `published_at = coalesce(published_at, now()),
        first_published_at = coalesce(first_published_at, now())`;

/**
 * Settles rows by what the subscriber `target` says of its events:
 *
 * - `pending`, `published`, `received`, `dead` to `processed`;
 * - `pending`, `published`, `received` to `dead` or `received`;
 * - `pending`, `published`, `received`, `dead` to `skipped`, the answer to a tombstone. That answer may come so late
 *   that the event is dead or was replayed.
 *
 * A row may still be `pending` because it was published directly, or because a relay crashed before its mark.
 * `processed` and `skipped` are final. An answer to an earlier generation moves nothing.
 *
 * Each statement takes its rows in the order of their ids, so two collectors hardly ever deadlock. Locking all rows
 * first would rule deadlocks out and cost as much again; the collector repeats a transaction that was a victim of one.
 *
 * @returns how many rows moved.
 */
export async function settle(transaction: Transaction, target: string, acks: readonly Ack[]): Promise<number> {
  const processed = acks.filter(({ status }) => status === "processed");
  const others = acks.filter(({ status }) => status !== "processed");
  const counts = await Promise.all([
    processed.length > 0 ? settleProcessed(transaction, target, processed) : 0,
    others.length > 0 ? settleOthers(transaction, target, others) : 0,
  ]);
  return counts[0] + counts[1];
}

async function settleProcessed(transaction: Transaction, target: string, acks: readonly Ack[]): Promise<number> {
  const { rowCount } = await transaction.query({
    name: "outbox-settle-processed",
    text: `update event_outbox o
      set status = 'processed', processed_at = now(), error_message = null, next_attempt_at = null,
        ${wasPublished}
      from (select id, generation from unnest($2::uuid[], $3::int[]) as answer (id, generation) order by id) as ack
      where o.id = ack.id and o.generation = ack.generation and o.target = $1
        and o.status in ('published', 'received', 'pending', 'dead')`,
    values: [target, acks.map(({ id }) => id), acks.map(({ generation }) => generation)],
  });
  return rowCount ?? 0;
}

async function settleOthers(transaction: Transaction, target: string, acks: readonly Ack[]): Promise<number> {
  const { rowCount } = await transaction.query({
    name: "outbox-settle-others",
    text: `with ack as (
        select o.id, ack.status, ack.attempts, ack.error from event_outbox o
        join unnest($2::uuid[], $3::int[], $4::text[], $5::int[], $6::text[])
          as ack (id, generation, status, attempts, error) on o.id = ack.id and o.generation = ack.generation
        where o.target = $1
          and (o.status in ('published', 'received', 'pending') or (ack.status = 'skipped' and o.status = 'dead'))
        order by o.id
        for update of o)
      update event_outbox o
      set status = ack.status, attempts = ack.attempts, error_message = ack.error,
        processed_at = case ack.status when 'skipped' then now() end,
        next_attempt_at = case ack.status when 'received' then now() + $7 * interval '1 hour' end,
        ${wasPublished}
      from ack where o.id = ack.id`,
    values: [
      target,
      acks.map(({ id }) => id),
      acks.map(({ generation }) => generation),
      acks.map(({ status }) => status),
      acks.map(({ attempts }) => attempts),
      acks.map(({ error }) => error),
      queryAgainHours,
    ],
  });
  return rowCount ?? 0;
}
