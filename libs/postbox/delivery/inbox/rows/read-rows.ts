import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { KnownRow } from "../plan/plan.ts";
import type { CursorName } from "./lock-cursors.ts";

/** Waiting events taken up in one transaction at most; the head of what is left over is made due. */
export const takeUpLimit = 700;

/** Bytes of them that are taken up at most, and the event that goes beyond them. */
const takeUpBytes = 8 * 1024 * 1024;

/** Rows of these ids, locked in sorted order, so that nobody else moves them meanwhile. */
export async function readKnown(transaction: Transaction, ids: readonly string[]): Promise<Map<string, KnownRow>> {
  const { rows } = await transaction.query<KnownRow & Record<string, unknown>>({
    name: "inbox-read-known",
    text: `select id, status, generation, payload_hash, attempts, error_message from event_inbox
      where id = any($1::uuid[]) order by id for update`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Events that wait for their turn. */
export interface Waiting {
  readonly events: readonly IncomingEvent[];
  /** Whether there may be more than these. */
  readonly more: boolean;
}

/**
 * Events of these keys that wait for their turn, in order of their sequence, as far as they are light enough. A parked
 * one that its cursor has passed is among them: another event had its number.
 */
export async function readWaiting(
  transaction: Transaction,
  keys: readonly CursorName[],
  limit: number,
): Promise<Waiting> {
  const { rows } = await transaction.query<StoredRow & { readonly bytes: number }>({
    name: "inbox-read-waiting",
    text: `select ${storedColumns}, i.weighed as bytes
      from (
        select first.*, sum(first.weighed) over (order by first.sequence rows unbounded preceding) as weight
        from (
          select w.*, coalesce(w.bytes, octet_length(w.data::text), 0) as weighed
          from unnest($1::text[], $2::text[]) as k (source, key)
          join inbox_mailbox m on m.source = k.source and m.key = k.key
          join event_inbox w on w.source = k.source and w.key = k.key
            and (w.status = 'parked' or w.status = 'skipped' and w.sequence > m.last_sequence)
          order by w.sequence
          limit $3) as first) as i
      where i.weight - i.weighed < $4
      order by i.sequence`,
    values: [keys.map(({ source }) => source), keys.map(({ key }) => key), limit, takeUpBytes],
  });
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  return { events: rows.map(storedEvent), more: rows.length >= limit || bytes >= takeUpBytes };
}

/** The columns from which an event is made again; the table is `event_inbox i`. */
export const storedColumns = `i.id, i.source, i.event_type, i.version, i.key, i.sequence, i.generation, i.status,
  i.payload_hash, i.data::text as data, i.headers::text as headers, i.occurred_at, i.attempts, i.crashes,
  i.interruptions, i.error_message, i.started_at::text as started_at`;

export interface StoredRow extends Record<string, unknown> {
  readonly id: string;
  readonly source: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: string | null;
  readonly generation: number;
  readonly status: string;
  readonly payload_hash: string;
  readonly data: string | null;
  readonly headers: string | null;
  readonly occurred_at: Date | null;
  readonly attempts: number;
  readonly crashes: number;
  readonly interruptions: number;
  readonly error_message: string | null;
  /** When it was claimed, to the microsecond, as Postgres writes it. */
  readonly started_at: string | null;
}

export function storedEvent(row: StoredRow): IncomingEvent {
  return {
    id: row.id,
    source: row.source,
    type: row.event_type,
    version: row.version,
    key: row.key,
    sequence: row.sequence === null ? null : Number(row.sequence),
    generation: row.generation,
    tombstone: row.status === "skipped",
    occurredAt: row.occurred_at?.toISOString() ?? "",
    data: JSON.parse(row.data ?? "null"),
    headers: JSON.parse(row.headers ?? "{}"),
    hash: row.payload_hash,
    possiblePoison: false,
  };
}
