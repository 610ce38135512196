import type { Database } from "../../postgres/database.ts";
import { indexScansOnly } from "../../postgres/transaction/index-scans.ts";
import type { Statement } from "../../postgres/transaction/transaction.ts";
import { firstIdAt } from "../retention/least-id.ts";
import { targetsOf } from "./targets-of.ts";

/** Where a target's stream and its consumer stand; all 0 for a stream that is missing. */
export interface StreamPosition {
  /** Database time at which this was not yet asked for: what was published later is not judged by it. */
  readonly at: Date;
  /** The consumer has passed all up to here. */
  readonly ackFloor: number;
  readonly lastSequence: number;
}

/** Rows sent again in one statement at most. */
const batch = 1_000;

/** The targets that have rows at the broker, and the database's time now. */
export async function publishedTargets(database: Database): Promise<{ targets: string[]; now: Date }> {
  const { rows } = await database.query<{ targets: string[] | null; now: Date }>({
    name: "outbox-published-targets",
    text: `with ${targetsOf("published")}
      select now() as now, array_agg(target) filter (where target is not null) as targets from targets`,
  });
  return { targets: rows[0]?.targets ?? [], now: rows[0]?.now ?? new Date(0) };
}

/**
 * `published` to `pending` under the next send number, for what the broker will not deliver any more:
 *
 * - the consumer has passed its place in the stream `earlier` already, and no ack has come since: it was handled and
 *   the ack was lost, or the stream was purged or went backwards and another message stands in its place;
 * - the stream ends before its place: it is another stream, or it went backwards.
 *
 * A subscriber that is away moves no consumer, so its events stay where they are and are sent once.
 *
 * @param earlier so long ago that acks of what the consumer had passed must have arrived; undefined while nobody has
 * looked for that long.
 */
export async function resendLost(
  database: Database,
  target: string,
  { at, ackFloor, lastSequence }: StreamPosition,
  earlier: StreamPosition | undefined,
): Promise<number> {
  // A stream that was made anew meanwhile has not come as far again.
  const passed = Math.min(ackFloor, earlier?.ackFloor ?? 0);
  const unanswered = await resendWhere(database, "<=", [target, passed, earlier?.at ?? at, batch]);
  return unanswered + (await resendWhere(database, ">", [target, lastSequence, at, batch]));
}

/** Reads just the end of the index on (target, stream_sequence) that is meant; an `or` of both would read all of it. */
function resendWhere(database: Database, is: "<=" | ">", values: unknown[]): Promise<number> {
  return inBatches(database, {
    name: `outbox-resend-${is === ">" ? "beyond" : "passed"}`,
    text: `with lost as (
        select id from event_outbox
        where status = 'published' and target = $1 and stream_sequence ${is} $2 and published_at < $3
        order by stream_sequence limit $4 for update skip locked)
      update event_outbox o
      set status = 'pending', send_number = send_number + 1, stream_sequence = null
      where o.id = any (array(select id from lost))`,
    values,
  });
}

/** `received` to `pending` under the next send number, at its slow pace: the subscriber may have been restored. */
export function queryAgain(database: Database): Promise<number> {
  return inBatches(database, {
    name: "outbox-ask-again",
    text: `with due as (
        select id from event_outbox where status = 'received' and next_attempt_at <= now()
        order by next_attempt_at limit $1 for update skip locked)
      update event_outbox o
      set status = 'pending', send_number = send_number + 1, stream_sequence = null, next_attempt_at = null
      where o.id = any (array(select id from due))`,
    values: [batch],
  });
}

/**
 * `pending`, `published`, `received` to `dead`, for what is older than the horizon. What was published so long ago was
 * enqueued before, so it stands at the beginning of the primary key.
 */
export function expire(database: Database, days: number): Promise<number> {
  return inBatches(database, {
    name: "outbox-expire",
    text: `with expired as (
        select id from event_outbox
        where id < $3 and status in ('pending', 'published', 'received')
          and first_published_at < now() - $1 * interval '1 day'
        order by id limit $2 for update skip locked)
      update event_outbox o
      set status = 'dead', next_attempt_at = null,
        error_message = format('No acknowledgement within %s days of the first publish.', $1)
      where o.id = any (array(select id from expired))`,
    values: [days, batch, firstIdAt(Date.now() - days * 86_400_000)],
  });
}

/**
 * Repeats a statement that takes `batch` rows at most until it finds fewer. Each updates an array of ids, not a join: of
 * that the planner might read the whole table.
 *
 * @returns how many it took in all.
 */
async function inBatches(database: Database, statement: Statement): Promise<number> {
  for (let total = 0; ; ) {
    const { rowCount } = await database.transaction((tx) => tx.query(statement), indexScansOnly);
    const count = rowCount ?? 0;
    total += count;
    if (count < batch) return total;
  }
}
