import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { Outcome } from "../plan/outcome.ts";
import type { InboxWrite } from "../plan/plan.ts";
import type { CursorName } from "./lock-cursors.ts";

/** Another worker has stored one of these events meanwhile: roll back and look again. */
export class ConcurrentWriteError extends Error {}

/**
 * Inserts new events as processed, sorted by id.
 *
 * @throws RacedError
 */
export async function insertProcessed(transaction: Transaction, events: readonly IncomingEvent[]): Promise<void> {
  const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { rowCount } = await transaction.query({
    name: "inbox-insert-processed",
    text: `insert into event_inbox (id, source, event_type, version, key, sequence, payload_hash, generation)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::text[], $8::int[])
      on conflict (id) do nothing`,
    values: [
      sorted.map(({ id }) => id),
      sorted.map(({ source }) => source),
      sorted.map(({ type }) => type),
      sorted.map(({ version }) => version),
      sorted.map(({ key }) => key),
      sorted.map(({ sequence }) => sequence),
      sorted.map(({ hash }) => hash),
      sorted.map(({ generation }) => generation),
    ],
  });
  if (rowCount !== sorted.length) throw new ConcurrentWriteError();
}

/** What becomes of the columns of a stored event that was handled: it needs no payload any more. */
export const asProcessed = `status = 'processed', processed_at = now(), data = null, headers = null,
  next_attempt_at = null, started_at = null, error_message = null`;

/** Parked events that were handled. */
export async function markProcessed(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await transaction.query({
    name: "inbox-mark-processed",
    text: `update event_inbox set ${asProcessed} where id = any($1::uuid[])`,
    values: [ids],
  });
}

/**
 * Stores events that were not processed, by their outcomes: new ones, ones that were taken up from their rows, and those
 * in `own`, which this transaction inserted as processed before their handlers failed.
 *
 * What has a row by now and was new when the batch looked, another worker has stored; perhaps it has run and failed
 * since, or is running: its attempts, crashes and claim are not this batch's to undo. Only a later generation, which an
 * operator has sent, begins anew.
 *
 * @throws RacedError
 */
export async function writeEvents(
  transaction: Transaction,
  puts: readonly InboxWrite[],
  own: readonly string[] = [],
): Promise<void> {
  const sorted = puts.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const outcomes = sorted.map(({ outcome }) => flat(outcome));
  const events = sorted.map(({ event }) => event);
  const taken = sorted.filter(({ stored }) => stored).map(({ event }) => event.id);
  const { rowCount } = await transaction.query({
    name: "inbox-put",
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
        interruptions = excluded.interruptions, data = excluded.data, headers = excluded.headers, occurred_at = excluded.occurred_at, bytes = excluded.bytes
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
      taken,
    ],
  });
  if (rowCount !== sorted.length) throw new ConcurrentWriteError();
}

/** A replayed event, dead until now: it runs again as if it had never been tried. */
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

function flat(outcome: Outcome) {
  return { attempts: 0, error: null, dueInMs: null, interruptions: 0, ...outcome };
}

/** Parked events of these keys that were made due have been looked at: they rest until an earlier one is done. */
export async function restParked(transaction: Transaction, keys: readonly CursorName[]): Promise<void> {
  await transaction.query({
    name: "inbox-rest-parked",
    text: `update event_inbox i set next_attempt_at = null, started_at = null
      from unnest($1::text[], $2::text[]) as k (source, key)
      where i.source = k.source and i.key = k.key and i.status = 'parked' and i.next_attempt_at is not null`,
    values: [keys.map(({ source }) => source), keys.map(({ key }) => key)],
  });
}
