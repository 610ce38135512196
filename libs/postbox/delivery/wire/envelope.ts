/**
 * One event on the wire. A broker message carries a pack of them, a JSON array. `data` is embedded as the text that
 * the outbox stores, so that both ends hash the same text.
 */
export interface Envelope {
  readonly event_id: string;
  readonly service: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: number | null;
  readonly generation: number;
  /** True: nothing to handle; the operator skipped this event, and its key may go on. `data` is null. */
  readonly tombstone?: true;
  readonly occurred_at: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an envelope is made from: the outbox row, `data` and `headers` as stored text. */
export interface Enveloped {
  readonly id: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: string | null;
  readonly generation: number;
  readonly tombstone: boolean;
  readonly occurred_at: string;
  readonly data: string;
  readonly headers: string;
}

/**
 * Writes an envelope. Text is joined, not parsed and written again: it is the hot path, and the payload stays as stored.
 * A tombstone carries neither payload nor headers: what is too large for the broker can be skipped.
 */
export function writeEnvelope(service: string, row: Enveloped): string {
  const key = row.key === null ? "null" : JSON.stringify(row.key);
  const [tombstone, data, headers] = row.tombstone ? ['"tombstone":true,', "null", "{}"] : ["", row.data, row.headers];
  return `{"event_id":"${row.id}","service":"${service}","event_type":"${row.event_type}","version":${row.version},"key":${key},"sequence":${row.sequence},"generation":${row.generation},${tombstone}"occurred_at":"${row.occurred_at}","data":${data},"headers":${headers}}`;
}

/** Bytes of an envelope around its key, data and headers, at most: the names, the ids and numbers at their longest. */
export const envelopeOverhead = 600;
