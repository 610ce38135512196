/** One event as it arrived from the broker, or as it was read back from the inbox. */
export interface IncomingEvent {
  readonly id: string;
  /** The publishing service. */
  readonly source: string;
  /** `<source>.<name>`. */
  readonly type: string;
  readonly version: number;
  readonly key: string | null;
  /** Position within its key, from 1; null without a key. */
  readonly sequence: number | null;
  readonly generation: number;
  readonly tombstone: boolean;
  /** ISO 8601, in UTC. */
  readonly occurredAt: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Hash of `data`. */
  readonly hash: string;
  /** Delivered before and not acknowledged to the broker: the event may have ended its process. */
  readonly possiblePoison: boolean;
}
