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
  /** Behind a failed event of their key. */
  readonly blocked: Runnable[];
  readonly enqueued: NewRow[];
}

/** A handler swallowed a database error: its transaction is aborted although it resolved. */
class SwallowedError extends Error {}

/**
 * Runs events in groups under savepoints of the framework's: a group that fails is rolled back, its culprits are
 * dropped, and it runs again. If it does not show who is to blame, its events run one by one.
 *
 * @throws TimedOut, a conflict with another transaction, or a lost connection: the whole batch is to run again.
 */
export async function runGroups(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  items: readonly Runnable[],
): Promise<RunResult> {
  const result: RunResult = { processed: [], failed: new Map(), blocked: [], enqueued: [] };
  const blockedKeys = new Set<string>();
  const isBlocked = ({ event }: Runnable) => event.key !== null && blockedKeys.has(cursorKey(event));
  const drop = (culprits: ReadonlyMap<Runnable, Error>) => {
    for (const [item, error] of culprits) {
      result.failed.set(item, error);
      if (item.event.key !== null) blockedKeys.add(cursorKey(item.event));
    }
  };

  const runGroup = async (group: readonly Runnable[]): Promise<void> => {
    const { lanes, aborted } = await underSavepoint(dependencies, transaction, group);
    if (lanes.failures.size === 0 && !aborted) {
      result.processed.push(...group);
      result.enqueued.push(...lanes.enqueued);
      return;
    }
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      const error = lanes.failures.get(only.event.id);
      drop(
        new Map([
          [only, error ?? new SwallowedError("A database error was caught and not thrown again; let it through.")],
        ]),
      );
      return;
    }
    const culprits = blame(group, lanes);
    if (culprits.size === 0) {
      for (const item of group)
        if (isBlocked(item)) result.blocked.push(item);
        else await runGroup([item]);
      return;
    }
    drop(culprits);
    const rest = group.filter((item) => !culprits.has(item));
    result.blocked.push(...rest.filter((item) => follows(item, culprits)));
    await runGroup(rest.filter((item) => !follows(item, culprits)));
  };

  for (let from = 0; from < items.length; from += groupSize) {
    const group = items.slice(from, from + groupSize);
    result.blocked.push(...group.filter(isBlocked));
    await runGroup(group.filter((item) => !isBlocked(item)));
  }
  return result;
}

async function underSavepoint(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  group: readonly Runnable[],
): Promise<{ lanes: LaneResult; aborted: boolean }> {
  if (group.length === 0) return { lanes: { enqueued: [], failures: new Map(), unclear: false }, aborted: false };
  await transaction.query({ text: "savepoint postbox_group" });
  const lanes = await runLanes(dependencies, transaction, group);
  throwIfLost(lanes.failures);
  const aborted = lanes.failures.size === 0 && !(await releases(transaction));
  if (aborted || lanes.failures.size > 0) await transaction.query({ text: "rollback to savepoint postbox_group" });
  return { lanes, aborted };
}

async function releases(transaction: Transaction): Promise<boolean> {
  try {
    await transaction.query({ text: "release savepoint postbox_group" });
    return true;
  } catch (error) {
    if (isCollateral(error)) return false;
    throw error;
  }
}

/** The events whose own errors are known; collateral ones and those of a failed set are not. */
function blame(group: readonly Runnable[], { failures, unclear }: LaneResult): Map<Runnable, Error> {
  const culprits = new Map<Runnable, Error>();
  if (unclear) return culprits;
  for (const item of group) {
    const error = failures.get(item.event.id);
    if (error !== undefined && !isCollateral(error)) culprits.set(item, error);
  }
  return culprits;
}

function follows({ event }: Runnable, culprits: ReadonlyMap<Runnable, Error>): boolean {
  if (event.key === null) return false;
  return [...culprits.keys()].some(
    (culprit) =>
      culprit.event.key !== null &&
      cursorKey(culprit.event) === cursorKey(event) &&
      (culprit.event.sequence ?? 0) < (event.sequence ?? 0),
  );
}
