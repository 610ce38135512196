import type { Ack } from "../acks/ack.ts";
import type { Database } from "../database/database.ts";
import type { Transaction } from "../database/transaction.ts";
import { errorCode } from "../errors/postbox-error.ts";
import type { DeliveryMetrics } from "../messaging/metrics.ts";
import type { Arrival } from "./arrival.ts";
import { isConflict, sqlState, type Workshop } from "./handler-scope.ts";
import type { HandlerTable } from "./handler-table.ts";
import { isInterruption } from "./interruption.ts";
import { advanceCursors, type CursorName, cursorNames, lockCursors, readCursors, wakeNext } from "./lock-cursors.ts";
import { failedOutcome } from "./outcome.ts";
import { cursorKey, type KnownRow, type Plan, type Put, planBatch, type Runnable } from "./plan.ts";
import { readKnown, readWaiting, takeUpLimit } from "./read-rows.ts";
import { type RunResult, runGroups } from "./run-groups.ts";
import { runLanes, TimedOut, throwIfLost } from "./run-lanes.ts";
import { whileAlive } from "./while-alive.ts";
import { insertProcessed, markProcessed, putEvents, rearm, restParked } from "./write-rows.ts";

/** What a worker handles events with. */
export interface InboxContext {
  readonly service: string;
  readonly database: Database;
  readonly handlers: HandlerTable;
  readonly workshop: Workshop;
  readonly metrics: DeliveryMetrics;
}

/**
 * How a batch is run, from the fastest to the most careful:
 * - `whole`: all handlers in one go; any failure rolls all back.
 * - `grouped`: groups under savepoints; culprits are found and dropped.
 * - `alone`: one event a transaction.
 */
export type Care = "whole" | "grouped" | "alone";

/** What a committed batch means for others. */
export interface BatchResult {
  /** To send, by publisher. */
  readonly acks: ReadonlyMap<string, readonly Ack[]>;
  /** Stored events are due now. */
  readonly due: boolean;
  /** Something failed: the next batches should be run with care. */
  readonly failed: boolean;
}

/** Another worker has inserted one of these events meanwhile: look again. */
class RacedError extends Error {}

/** A failure in a batch that was run as a whole: nothing is committed, and it shows when run with care. */
class CarelessError extends Error {}

/** Tries after which a conflict with another transaction counts as a failure of the handler. */
const mostConflicts = 5;

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
      if (context.workshop.stopping.aborted || isInterruption(error)) throw error;
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

/** One try of a batch. */
interface Try {
  readonly arrivals: readonly Arrival[];
  readonly wake: readonly CursorName[];
  readonly care: Care;
  /** False: take the events for new, as nearly all are, and let the insert show otherwise. It saves a query. */
  readonly lookUp: boolean;
  /** A handler overran its time in an earlier try: store the rest, to run one at a time. */
  readonly deferAll: boolean;
  /** Failed in an earlier try. */
  readonly excluded: ReadonlyMap<string, Error>;
}

async function runBatch(
  context: InboxContext,
  one: Try,
  running: { items: readonly Runnable[] },
): Promise<BatchResult> {
  const begin = performance.now();
  const work = async (tx: Transaction) => {
    const { plan, moreWaiting } = await look(context, tx, one);
    running.items = plan.run;
    const fresh = plan.run.filter(({ stored }) => !stored).map(({ arrival }) => arrival);
    if (fresh.length > 0 && (await insertProcessed(tx, fresh)).size < fresh.length) throw new RacedError();
    const run =
      one.care === "whole" ? await runWhole(context, tx, plan.run) : await runGroups(context.workshop, tx, plan.run);
    await write(context, tx, plan, run, one.wake, moreWaiting);
    return { plan, run };
  };
  const { plan, run } = await context.database.transaction((tx) => whileAlive(tx, () => work(tx)));
  context.metrics.batch((performance.now() - begin) / 1000);
  return report(context, plan, run);
}

/** Locks what the batch touches and decides on each event. All statements go out together: the connection is pipelined. */
async function look(
  { handlers }: InboxContext,
  tx: Transaction,
  { arrivals, wake, care, lookUp, deferAll, excluded }: Try,
): Promise<{ plan: Plan; moreWaiting: boolean }> {
  const keys = [...new Map([...cursorNames(arrivals), ...wake].map((name) => [cursorKey(name), name])).values()];
  const limit = care !== "alone" ? takeUpLimit : arrivals.length === 0 ? 1 : 0;
  const ids = arrivals.map(({ id }) => id);
  const [, cursors, waiting, known] = await Promise.all([
    keys.length > 0 ? lockCursors(tx, keys) : undefined,
    keys.length > 0 ? readCursors(tx, keys) : new Map<string, number>(),
    keys.length > 0 && limit > 0 ? readWaiting(tx, keys, limit) : [],
    lookUp && ids.length > 0 ? readKnown(tx, ids) : new Map<string, KnownRow>(),
  ]);
  const input = { arrivals, waiting, known, cursors, excluded, deferAll, handlers };
  const moreWaiting = keys.length > 0 && waiting.length >= limit;
  const plan = planBatch(input);
  // Only what runs is sure to be new; what would be stored otherwise may have a row already.
  const unsure = !lookUp && (plan.put.length > 0 || waiting.some(({ id }) => ids.includes(id)));
  return { plan: unsure ? planBatch({ ...input, known: await readKnown(tx, ids) }) : plan, moreWaiting };
}

async function runWhole({ workshop }: InboxContext, tx: Transaction, items: readonly Runnable[]): Promise<RunResult> {
  const { failures, enqueued } = await runLanes(workshop, tx, items);
  throwIfLost(failures);
  if (failures.size > 0) throw new CarelessError();
  return { processed: [...items], failed: new Map(), blocked: [], enqueued: [...enqueued] };
}

async function write(
  { workshop }: InboxContext,
  tx: Transaction,
  plan: Plan,
  run: RunResult,
  wake: readonly CursorName[],
  moreWaiting: boolean,
): Promise<void> {
  const puts = [...plan.put, ...putsOf(run)];
  const taken = run.processed.filter(({ stored }) => stored).map(({ arrival }) => arrival.id);
  const own = [...run.failed.keys(), ...run.blocked].filter(({ stored }) => !stored).map(({ arrival }) => arrival.id);
  const cursors = reached(plan, run);
  await Promise.all([
    puts.length > 0 ? putEvents(tx, puts, own) : undefined,
    taken.length > 0 ? markProcessed(tx, taken) : undefined,
    plan.rearm.length > 0 ? rearm(tx, plan.rearm) : undefined,
    wake.length > 0 ? restParked(tx, wake) : undefined,
    cursors.size > 0 ? advanceCursors(tx, cursors) : undefined,
    cursors.size > 0 && moreWaiting ? wakeNext(tx, cursors) : undefined,
  ]);
  if (run.enqueued.length > 0) workshop.outbox.add(tx, run.enqueued);
}

function putsOf({ failed, blocked }: RunResult): Put[] {
  return [
    ...[...failed].map(([item, error]) => ({ ...item, outcome: failedOutcome(error, 1, item.handler) })),
    ...blocked.map((item) => ({ ...item, outcome: { status: "parked" as const } })),
  ];
}

/** How far each key has come: the plan's end of it, or just before its first event that failed. */
function reached(plan: Plan, { failed }: RunResult): Map<string, number> {
  const cursors = new Map(plan.cursors);
  for (const { arrival } of failed.keys()) {
    if (arrival.key === null || arrival.sequence === null) continue;
    const key = cursorKey(arrival);
    cursors.set(key, Math.min(cursors.get(key) ?? 0, arrival.sequence - 1));
  }
  return cursors;
}

function report({ metrics }: InboxContext, plan: Plan, run: RunResult): BatchResult {
  const acks = new Map<string, Ack[]>();
  const tell = (
    { source, id, generation }: Arrival,
    status: Ack["status"],
    attempts = 0,
    error: string | null = null,
  ) => {
    const list = acks.get(source);
    const ack = { id, generation, status, attempts, error };
    if (list) list.push(ack);
    else acks.set(source, [ack]);
  };
  let due = plan.cursors.size > 0 || plan.rearm.length > 0;
  for (const { arrival } of run.processed) tell(arrival, "processed", 1);
  for (const { arrival, outcome } of [...plan.put, ...putsOf(run)]) {
    const deferred = outcome.status === "failed" && outcome.attempts === 0;
    metrics.handled(deferred ? "deferred" : outcome.status, 1);
    if (outcome.status === "failed" && outcome.dueInMs === 0) due = true;
    if (outcome.status === "skipped") tell(arrival, "skipped");
    else if (outcome.status === "dead") tell(arrival, "dead", outcome.attempts, outcome.error);
    else if (outcome.status === "failed") tell(arrival, "received", outcome.attempts, outcome.error);
    else tell(arrival, "received");
  }
  for (const { arrival, row } of plan.known) tell(arrival, answerOf(row.status), row.attempts, row.error_message);
  for (const arrival of plan.rearm) tell(arrival, arrival.tombstone ? "skipped" : "received");
  metrics.handled("processed", run.processed.length);
  metrics.handled("duplicate", plan.known.length);
  metrics.handled("conflict", plan.conflict.length);
  return { acks, due, failed: run.failed.size > 0 };
}

function answerOf(status: "processed" | "skipped" | "failed" | "parked" | "held" | "dead"): Ack["status"] {
  return status === "processed" || status === "skipped" || status === "dead" ? status : "received";
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
