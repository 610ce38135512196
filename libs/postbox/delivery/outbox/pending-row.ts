/** A claimed row; `data` and `headers` as stored text, `sequence` a bigint as text. */
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
  readonly occurred_at: string;
}
