/** A `pending` row as it is published. `data` and `headers` are the stored text, `sequence` is a bigint as text. */
export interface PendingRow {
  readonly id: string;
  readonly event_type: string;
  readonly version: number;
  readonly target: string;
  readonly key: string | null;
  readonly sequence: string | null;
  readonly data: string;
  readonly headers: string;
  readonly tombstone: boolean;
  readonly send_number: number;
  readonly generation: number;
  /** When the event was enqueued, as Postgres writes a time in UTC: `2026-01-02 03:04:05.678+00`. */
  readonly occurred_at: string;
}
