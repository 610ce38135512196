import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { NewRow } from "../../outbox/insert-rows.ts";
import { cursorKey } from "../events/cursor-name.ts";
import type { HandlerDependencies } from "../handlers/handler-dependencies.ts";
import { isCollateral } from "../handlers/handler-errors.ts";
import type { Runnable } from "../plan/plan.ts";
import { type LaneResult, runLanes, throwIfLost } from "./run-lanes.ts";

/** Events under one savepoint. At 2% failures groups of 20 to 50 kept 11,500 events/s; whole batches fell to 4,200. */
const groupSize = 25;

/** How the handlers of a batch ended. */
export interface RunResult {
  readonly processed: Runnable[];
  readonly failed: Map<Runnable, Error>;
  /** Events behind a failed event of their key: not run. */
  readonly blocked: Runnable[];
  readonly enqueued: NewRow[];
}

/** A handler caught a database error and returned, although its transaction is aborted. */
class SwallowedError extends Error {}

/**
 * Runs events in groups, each under a savepoint. A group with failures is rolled back and runs again without the events
 * that failed. When the failures do not show which event is at fault, the events of the group run one by one.
 *
 * @throws HandlersTimedOutError, HandlerStopped, a conflict with another transaction, or a lost connection.
 */
export async function runGroups(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  items: readonly Runnable[],
): Promise<RunResult> {
  const result: RunResult = { processed: [], failed: new Map(), blocked: [], enqueued: [] };
  const blockedKeys = new Set<string>();
  const isBlocked = ({ event }: Runnable) => event.key !== null && blockedKeys.has(cursorKey(event));
  const fail = (culprits: ReadonlyMap<Runnable, Error>) => {
    for (const [item, error] of culprits) {
      result.failed.set(item, error);
      if (item.event.key !== null) blockedKeys.add(cursorKey(item.event));
    }
  };

  const runGroup = async (group: readonly Runnable[]): Promise<void> => {
    const { lanes, aborted } = await runUnderSavepoint(dependencies, transaction, group);
    if (lanes.failures.size === 0 && !aborted) {
      result.processed.push(...group);
      result.enqueued.push(...lanes.enqueued);
      return;
    }
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      const swallowed = "A database error was caught and not thrown again; let it through.";
      fail(new Map([[only, lanes.failures.get(only.event.id) ?? new SwallowedError(swallowed)]]));
      return;
    }
    const culprits = culpritsOf(group, lanes);
    if (culprits.size === 0) {
      for (const item of group)
        if (isBlocked(item)) result.blocked.push(item);
        else await runGroup([item]);
      return;
    }
    fail(culprits);
    const rest = group.filter((item) => !culprits.has(item));
    result.blocked.push(...rest.filter((item) => isBehind(item, culprits)));
    await runGroup(rest.filter((item) => !isBehind(item, culprits)));
  };

  for (let from = 0; from < items.length; from += groupSize) {
    const group = items.slice(from, from + groupSize);
    result.blocked.push(...group.filter(isBlocked));
    await runGroup(group.filter((item) => !isBlocked(item)));
  }
  return result;
}

/** Runs a group and releases its savepoint, or rolls back to the savepoint when a handler failed. */
async function runUnderSavepoint(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  group: readonly Runnable[],
): Promise<{ lanes: LaneResult; aborted: boolean }> {
  if (group.length === 0) return { lanes: { enqueued: [], failures: new Map(), unclear: false }, aborted: false };
  await transaction.query({ text: "savepoint postbox_group" });
  const lanes = await runLanes(dependencies, transaction, group);
  throwIfLost(lanes.failures);
  const aborted = lanes.failures.size === 0 && !(await releaseSavepoint(transaction));
  if (aborted || lanes.failures.size > 0) await transaction.query({ text: "rollback to savepoint postbox_group" });
  return { lanes, aborted };
}

/** @returns false when the transaction is aborted, although no handler threw. */
async function releaseSavepoint(transaction: Transaction): Promise<boolean> {
  try {
    await transaction.query({ text: "release savepoint postbox_group" });
    return true;
  } catch (error) {
    if (isCollateral(error)) return false;
    throw error;
  }
}

/** The events that failed by an error of their own; none when a set-based call failed, in which any may be at fault. */
function culpritsOf(group: readonly Runnable[], { failures, unclear }: LaneResult): Map<Runnable, Error> {
  const culprits = new Map<Runnable, Error>();
  if (unclear) return culprits;
  for (const item of group) {
    const error = failures.get(item.event.id);
    if (error !== undefined && !isCollateral(error)) culprits.set(item, error);
  }
  return culprits;
}

/** Whether an event stands behind one of these in its key. */
function isBehind({ event }: Runnable, culprits: ReadonlyMap<Runnable, Error>): boolean {
  if (event.key === null) return false;
  return [...culprits.keys()].some(
    (culprit) =>
      culprit.event.key !== null &&
      cursorKey(culprit.event) === cursorKey(event) &&
      (culprit.event.sequence ?? 0) < (event.sequence ?? 0),
  );
}
