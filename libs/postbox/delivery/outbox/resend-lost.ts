import type { Database } from "../../postgres/database.ts";
import { batchSize, inBatches } from "./in-batches.ts";

/** Where a target's stream and its consumer stand. Both sequences are 0 for a stream that is missing. */
export interface StreamPosition {
  /** The database's time before the stream was asked. What was published later is not judged by this position. */
  readonly at: Date;
  /** The consumer has acknowledged every message up to this sequence. */
  readonly ackFloor: number;
  readonly lastSequence: number;
}

/**
 * `published` to `pending` under the next send number, for events that the broker will not deliver any more:
 *
 * - The consumer had passed the event's place in the stream at `earlier`, and no ack has come since. Either the ack was
 *   lost, or the stream was purged or went backwards and another message took that place.
 * - The stream ends before the event's place. It is another stream, or it went backwards.
 *
 * An event whose subscriber is away stays `published`, because its consumer passes nothing.
 *
 * @param earlier a position so old that the acks of all that the consumer had passed must have arrived; undefined if
 * there is none yet.
 * @returns how many rows moved.
 */
export async function resendLost(
  database: Database,
  target: string,
  { at, ackFloor, lastSequence }: StreamPosition,
  earlier: StreamPosition | undefined,
): Promise<number> {
  // A stream that was made anew since `earlier` has a lower ack floor now.
  const passed = Math.min(ackFloor, earlier?.ackFloor ?? 0);
  const unacked = await resendWhere(database, "<=", [target, passed, earlier?.at ?? at, batchSize]);
  return unacked + (await resendWhere(database, ">", [target, lastSequence, at, batchSize]));
}

/** Reads one end of the index on (target, stream_sequence). An `or` of both ends would read the whole index. */
function resendWhere(database: Database, comparison: "<=" | ">", values: unknown[]): Promise<number> {
  return inBatches(database, {
    name: `outbox-resend-${comparison === ">" ? "beyond" : "passed"}`,
    text: `with lost as (
        select id from event_outbox
        where status = 'published' and target = $1 and stream_sequence ${comparison} $2 and published_at < $3
        order by stream_sequence limit $4 for update skip locked)
      update event_outbox o
      set status = 'pending', send_number = send_number + 1, stream_sequence = null
      where o.id = any (array(select id from lost))`,
    values,
  });
}
