import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { NewRow } from "../../outbox/insert-rows.ts";
import { cursorKey } from "../events/cursor-name.ts";
import type { Message } from "../handlers/handler.ts";
import type { HandlerDependencies } from "../handlers/handler-dependencies.ts";
import { HandlerStopped, HandlerTimeout, isConflict, isConnectionFault } from "../handlers/handler-errors.ts";
import { runHandler } from "../handlers/run-handler.ts";
import { toMessage } from "../handlers/to-message.ts";
import type { Runnable } from "../plan/plan.ts";
import { asError, HandlersTimedOutError } from "./attempt-errors.ts";
import { lanesOf } from "./lanes.ts";

/** How the handlers of some events ended. */
export interface LaneResult {
  readonly enqueued: readonly NewRow[];
  /** The error of each event that failed, by id. */
  readonly failures: ReadonlyMap<string, Error>;
  /** A set-based call of several events failed: any of them may be at fault. */
  readonly unclear: boolean;
}

/**
 * Runs the handlers of these events in one transaction and waits until all have ended.
 *
 * Set-based handlers come first, one call each. Concurrent handlers follow, side by side on the pipelined connection
 * but for those of one key. Sequential handlers come last, one after the other.
 */
export async function runLanes(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  items: readonly Runnable[],
): Promise<LaneResult> {
  const enqueued: NewRow[] = [];
  const failures = new Map<string, Error>();
  let unclear = false;
  let lost = false;
  const run = async (group: readonly Runnable[]): Promise<boolean> => {
    if (lost) return false;
    const [first] = group;
    const messages = readMessages(group, failures);
    if (first === undefined || messages.length < group.length) return false;
    try {
      enqueued.push(...(await runHandler(dependencies, transaction, first.handler, messages)));
      return true;
    } catch (error) {
      if (group.length > 1) unclear = true;
      // The transaction is given up, so further handlers would only fail with it.
      if (error instanceof HandlerTimeout || error instanceof HandlerStopped) lost = true;
      for (const { event } of group) failures.set(event.id, asError(error));
      return false;
    }
  };

  const { sets, chains, sequential } = lanesOf(items);
  for (const set of sets) await run(set);
  await Promise.all(
    chains.map(async (chain) => {
      for (const item of chain) if (!(await run([item]))) return;
    }),
  );
  const blocked = new Set<string>();
  for (const item of sequential) {
    const key = cursorKey(item.event);
    if (item.event.key !== null && blocked.has(key)) continue;
    if (!(await run([item]))) blocked.add(key);
  }
  return { enqueued, failures, unclear };
}

/**
 * @throws what has cost the transaction: HandlersTimedOutError, HandlerStopped, a conflict with another transaction, or a
 * fault of the connection.
 */
export function throwIfLost(failures: LaneResult["failures"]): void {
  const late = [...failures].filter(([, error]) => error instanceof HandlerTimeout);
  if (late.length > 0)
    throw new HandlersTimedOutError(
      new Map(late.filter(([id, error]) => error instanceof HandlerTimeout && error.eventId === id)),
    );
  for (const error of failures.values())
    if (error instanceof HandlerStopped || isConflict(error) || isConnectionFault(error)) throw error;
}

/** The messages of these events. An event that breaks its contract goes to `failures` instead. */
function readMessages(group: readonly Runnable[], failures: Map<string, Error>): Message[] {
  return group.flatMap(({ event, handler }) => {
    try {
      return [toMessage(handler, event, 1)];
    } catch (error) {
      failures.set(event.id, asError(error));
      return [];
    }
  });
}
