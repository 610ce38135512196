import { errorCode } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/sql-state.ts";
import type { Ack } from "../../wire/ack.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { isConflict } from "../handlers/run-handler.ts";
import { isIdleTimeout, isInterruption } from "../plan/interruption.ts";
import type { Runnable } from "../plan/plan.ts";
import type { CursorName } from "../rows/lock-cursors.ts";
import { ConcurrentWriteError } from "../rows/write-rows.ts";
import type { IsolationLevel } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { BatchResult } from "./report.ts";
import { BatchFailedError, runBatch } from "./run-batch.ts";
import { HandlersTimedOut } from "./run-lanes.ts";

/** Tries after which a conflict with another transaction counts as a failure of the handler. */
export const maxConflicts = 5;

/**
 * Takes one batch in one transaction: inbox rows, effects, outgoing events and cursors commit together.
 *
 * It begins with the given isolation and becomes more careful as failures demand, until each event has its outcome. What
 * it throws is no handler's fault (the database is away, or refuses an inbox row): the same batch is to be tried again
 * later, unacknowledged.
 *
 * @param wake keys of which stored events may have come to their turn.
 */
export async function handleBatch(
  context: InboxContext,
  events: readonly IncomingEvent[],
  isolation: IsolationLevel,
  wake: readonly CursorName[] = [],
): Promise<BatchResult> {
  const excluded = new Map<string, Error>();
  const batch = [...latest(events).values()];
  let conflicts = 0;
  let readKnownRows = isolation !== "batch";
  let deferAll = false;
  for (;;) {
    const running: { items: readonly Runnable[] } = { items: [] };
    try {
      return await runBatch(context, { events: batch, wake, isolation, readKnownRows, deferAll, excluded }, running);
    } catch (error) {
      readKnownRows = true;
      if (context.dependencies.stopping.aborted) throw error;
      if (isIdleTimeout(error) && !deferAll) {
        // A handler that keeps the process busy would do so in each further try, and one that runs alone shows.
        deferAll = true;
        continue;
      }
      if (isInterruption(error)) throw error;
      if (error instanceof ConcurrentWriteError) continue;
      if (error instanceof BatchFailedError) isolation = "group";
      else if (error instanceof HandlersTimedOut) {
        // Each further try could wait as long again, so this batch runs no more.
        for (const [id, culprit] of error.culprits) excluded.set(id, culprit);
        deferAll = true;
      } else if (isConflict(error) && ++conflicts < maxConflicts) continue;
      else if (sqlState(error) === undefined && errorCode(error) !== "transaction-aborted") throw error;
      else if (isolation === "batch") isolation = "group";
      else if (running.items.length === 1) {
        const [item] = running.items;
        if (item !== undefined) excluded.set(item.event.id, error instanceof Error ? error : new Error(String(error)));
      } else if (isolation === "event") throw error;
      else return handleOneByOne(context, batch, wake);
    }
  }
}

/**
 * One event a transaction, in order; then one waiting event of each key. If the inbox cannot take one of them, the
 * others still have their turn before this is told.
 */
async function handleOneByOne(
  context: InboxContext,
  events: readonly IncomingEvent[],
  wake: readonly CursorName[],
): Promise<BatchResult> {
  const results: BatchResult[] = [];
  const errors: unknown[] = [];
  const run = (some: readonly IncomingEvent[], names: readonly CursorName[]) =>
    handleBatch(context, some, "event", names).then(
      (result) => results.push(result),
      (error: unknown) => errors.push(error),
    );
  for (const event of events) await run([event], []);
  for (const name of wake) await run([], [name]);
  if (errors.length > 0) throw errors[0];
  const acks = new Map<string, Ack[]>();
  for (const result of results)
    for (const [source, list] of result.acks) acks.set(source, [...(acks.get(source) ?? []), ...list]);
  return { acks, due: results.some(({ due }) => due), failed: true };
}

/** Each event once, in its latest generation. */
function latest(events: readonly IncomingEvent[]): Map<string, IncomingEvent> {
  const byId = new Map<string, IncomingEvent>();
  for (const event of events) {
    const other = byId.get(event.id);
    if (other === undefined || event.generation > other.generation) byId.set(event.id, event);
  }
  return byId;
}
