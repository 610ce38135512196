import type { IncomingEvent } from "../events/incoming-event.ts";

/** A row of the inbox from which its event is made again. */
export interface StoredRow {
  readonly id: string;
  readonly source: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  /** A bigint, as text. */
  readonly sequence: string | null;
  readonly generation: number;
  readonly status: string;
  readonly payload_hash: string;
  /** JSON, as text. */
  readonly data: string | null;
  /** JSON, as text. */
  readonly headers: string | null;
  readonly occurred_at: Date | null;
  readonly attempts: number;
  readonly crashes: number;
  readonly interruptions: number;
  readonly error_message: string | null;
  /** When the event was claimed, as text: a `Date` would lose the microseconds that tell two claims apart. */
  readonly started_at: string | null;
}

/** Each column of a `StoredRow`, and the cast under which it is read. */
const casts: Readonly<Record<keyof StoredRow, "" | "::text">> = {
  id: "",
  source: "",
  event_type: "",
  version: "",
  key: "",
  sequence: "",
  generation: "",
  status: "",
  payload_hash: "",
  data: "::text",
  headers: "::text",
  occurred_at: "",
  attempts: "",
  crashes: "",
  interruptions: "",
  error_message: "",
  started_at: "::text",
};

/** What a statement over `event_inbox i` selects or returns for a `StoredRow`. */
export const storedColumns = Object.entries(casts)
  .map(([name, cast]) => `i.${name}${cast} as ${name}`)
  .join(", ");

/** The same columns as they are stored, for a subquery whose rows are read by `storedColumns`. */
export const rawColumns = (table: string): string =>
  Object.keys(casts)
    .map((name) => `${table}.${name}`)
    .join(", ");

/** The event of a stored row. */
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
