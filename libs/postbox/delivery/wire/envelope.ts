/**
 * One event on the wire. A broker message is a JSON array of envelopes. `data` is the very text that the outbox stores,
 * so that publisher and subscriber hash the same text.
 */
export interface Envelope {
  readonly event_id: string;
  readonly service: string;
  readonly event_type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: number | null;
  readonly generation: number;
  /** True: an operator has skipped the event. Its `data` is null, no handler runs, and its key goes on. */
  readonly tombstone?: true;
  readonly occurred_at: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** The columns of an outbox row that an envelope is made of. `data` and `headers` are the stored text. */
export interface EnvelopeSource {
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
 * Writes an envelope by joining text. Parsing the payload would cost time for every event and might change its text.
 *
 * A tombstone carries neither payload nor headers, so that an event that is too large for the broker can be skipped.
 */
export function writeEnvelope(service: string, row: EnvelopeSource): string {
  const key = row.key === null ? "null" : JSON.stringify(row.key);
  const [tombstone, data, headers] = row.tombstone ? ['"tombstone":true,', "null", "{}"] : ["", row.data, row.headers];
  return `{"event_id":"${row.id}","service":"${service}","event_type":"${row.event_type}","version":${row.version},"key":${key},"sequence":${row.sequence},"generation":${row.generation},${tombstone}"occurred_at":"${row.occurred_at}","data":${data},"headers":${headers}}`;
}

/**
 * Bytes of an envelope without its key, data and headers, at most: field names, and each id and number at its longest.
 */
export const envelopeOverhead = 600;
