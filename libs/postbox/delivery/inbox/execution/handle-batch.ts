import { errorCode } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/sql-state.ts";
import type { Ack } from "../../wire/ack.ts";
import type { Arrival } from "../events/incoming-event.ts";
import { isConflict } from "../handlers/run-handler.ts";
import { isInterruption, isSilence } from "../plan/interruption.ts";
import type { Runnable } from "../plan/plan.ts";
import type { CursorName } from "../rows/lock-cursors.ts";
import { RacedError } from "../rows/write-rows.ts";
import type { Care } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { BatchResult } from "./report.ts";
import { CarelessError, runBatch } from "./run-batch.ts";
import { TimedOut } from "./run-lanes.ts";

/** Tries after which a conflict with another transaction counts as a failure of the handler. */
export const mostConflicts = 5;

/**
 * Takes one batch in one transaction: inbox rows, effects, outgoing events and cursors commit together.
 *
 * It begins with the given care and becomes more careful as failures demand, until each event has its outcome. What
 * it throws is no handler's fault (the database is away, or refuses an inbox row): the same batch is to be tried again
 * later, unacknowledged.
 *
 * @param wake keys of which stored events may have come to their turn.
 */
export async function handleBatch(
  context: InboxContext,
  arrivals: readonly Arrival[],
  care: Care,
  wake: readonly CursorName[] = [],
): Promise<BatchResult> {
  const excluded = new Map<string, Error>();
  const batch = [...latest(arrivals).values()];
  let conflicts = 0;
  let lookUp = care !== "whole";
  let deferAll = false;
  for (;;) {
    const running: { items: readonly Runnable[] } = { items: [] };
    try {
      return await runBatch(context, { arrivals: batch, wake, care, lookUp, deferAll, excluded }, running);
    } catch (error) {
      lookUp = true;
      if (context.workshop.stopping.aborted) throw error;
      if (isSilence(error) && !deferAll) {
        // A handler that keeps the process busy would do so in each further try, and one that runs alone shows.
        deferAll = true;
        continue;
      }
      if (isInterruption(error)) throw error;
      if (error instanceof RacedError) continue;
      if (error instanceof CarelessError) care = "grouped";
      else if (error instanceof TimedOut) {
        // Each further try could wait as long again, so this batch runs no more.
        for (const [id, culprit] of error.culprits) excluded.set(id, culprit);
        deferAll = true;
      } else if (isConflict(error) && ++conflicts < mostConflicts) continue;
      else if (sqlState(error) === undefined && errorCode(error) !== "transaction-aborted") throw error;
      else if (care === "whole") care = "grouped";
      else if (running.items.length === 1) {
        const [item] = running.items;
        if (item !== undefined)
          excluded.set(item.arrival.id, error instanceof Error ? error : new Error(String(error)));
      } else if (care === "alone") throw error;
      else return handleApart(context, batch, wake);
    }
  }
}

/**
 * One event a transaction, in order; then one waiting event of each key. If the inbox cannot take one of them, the
 * others still have their turn before this is told.
 */
async function handleApart(
  context: InboxContext,
  arrivals: readonly Arrival[],
  wake: readonly CursorName[],
): Promise<BatchResult> {
  const results: BatchResult[] = [];
  const errors: unknown[] = [];
  const run = (some: readonly Arrival[], names: readonly CursorName[]) =>
    handleBatch(context, some, "alone", names).then(
      (result) => results.push(result),
      (error: unknown) => errors.push(error),
    );
  for (const arrival of arrivals) await run([arrival], []);
  for (const name of wake) await run([], [name]);
  if (errors.length > 0) throw errors[0];
  const acks = new Map<string, Ack[]>();
  for (const result of results)
    for (const [source, list] of result.acks) acks.set(source, [...(acks.get(source) ?? []), ...list]);
  return { acks, due: results.some(({ due }) => due), failed: true };
}

/** Each event once, in its latest generation. */
function latest(arrivals: readonly Arrival[]): Map<string, Arrival> {
  const byId = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const other = byId.get(arrival.id);
    if (other === undefined || arrival.generation > other.generation) byId.set(arrival.id, arrival);
  }
  return byId;
}
