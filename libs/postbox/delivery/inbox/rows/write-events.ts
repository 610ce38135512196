import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { Outcome } from "../plan/outcome.ts";
import type { InboxWrite } from "../plan/plan.ts";
import { ConcurrentWriteError } from "./concurrent-write-error.ts";

/**
 * Stores events that were not processed, by their outcomes. Such an event is new, or was taken up from its row. Or its
 * id is in `own`: this transaction inserted the event as processed before the handler failed.
 *
 * An event that was new to the batch and has a row now was stored by another worker. The event may have failed since,
 * or may be running, so its attempts, crashes and claim stay. Only a later generation, which an operator sent, begins
 * anew.
 *
 * @throws ConcurrentWriteError when a row was left as it is.
 */
export async function writeEvents(
  transaction: Transaction,
  writes: readonly InboxWrite[],
  own: readonly string[] = [],
): Promise<void> {
  const sorted = writes.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const outcomes = sorted.map(({ outcome }) => columnsOf(outcome));
  const events = sorted.map(({ event }) => event);
  const takenUp = sorted.filter(({ stored }) => stored).map(({ event }) => event.id);
  const { rowCount } = await transaction.query({
    name: "inbox-write-events",
    text: `insert into event_inbox as i (id, source, event_type, version, key, sequence, payload_hash, generation, data,
        headers, occurred_at, status, attempts, error_message, next_attempt_at, processed_at, interruptions, bytes)
      select id, source, event_type, version, key, sequence, payload_hash, generation, data, headers, occurred_at, status,
        attempts, error, now() + due_in_ms * interval '1 ms', case status when 'skipped' then now() end, interruptions,
        octet_length(data::text) + octet_length(headers::text)
      from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::int[],
        $9::json[], $10::json[], $11::timestamptz[], $12::text[], $13::int[], $14::text[], $15::int[],
        $16::int[])
        as row (id, source, event_type, version, key, sequence, payload_hash, generation, data, headers, occurred_at,
          status, attempts, error, due_in_ms, interruptions)
      on conflict (id) do update set status = excluded.status, attempts = excluded.attempts,
        error_message = excluded.error_message, next_attempt_at = excluded.next_attempt_at,
        processed_at = excluded.processed_at, generation = excluded.generation, started_at = null, crashes = 0,
        interruptions = excluded.interruptions, data = excluded.data, headers = excluded.headers,
        occurred_at = excluded.occurred_at, bytes = excluded.bytes
      where i.id = any($17::uuid[]) or (i.status not in ('processed', 'skipped')
        and (excluded.generation > i.generation
          or (i.id = any($18::uuid[]) and excluded.generation = i.generation and i.status <> 'dead')))`,
    values: [
      events.map(({ id }) => id),
      events.map(({ source }) => source),
      events.map(({ type }) => type),
      events.map(({ version }) => version),
      events.map(({ key }) => key),
      events.map(({ sequence }) => sequence),
      events.map(({ hash }) => hash),
      events.map(({ generation }) => generation),
      events.map(({ data }) => JSON.stringify(data)),
      events.map(({ headers }) => JSON.stringify(headers)),
      events.map(({ occurredAt }) => occurredAt),
      outcomes.map(({ status }) => status),
      outcomes.map(({ attempts }) => attempts),
      outcomes.map(({ error }) => error),
      outcomes.map(({ dueInMs }) => dueInMs),
      outcomes.map(({ interruptions }) => interruptions),
      own,
      takenUp,
    ],
  });
  if (rowCount !== sorted.length) throw new ConcurrentWriteError();
}

/** An outcome with a value for each of its columns. */
function columnsOf(outcome: Outcome) {
  return { attempts: 0, error: null, dueInMs: null, interruptions: 0, ...outcome };
}
