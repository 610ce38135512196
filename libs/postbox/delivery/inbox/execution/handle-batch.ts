import type { Ack } from "../../wire/ack.ts";
import type { CursorName } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { Runnable } from "../plan/plan.ts";
import { asError, HandlersTimedOutError } from "./attempt-errors.ts";
import type { BatchAttempt, IsolationLevel } from "./batch-attempt.ts";
import type { InboxContext } from "./inbox-context.ts";
import { kindOf, type NextStep, nextStep } from "./next-step.ts";
import type { BatchResult } from "./report.ts";
import { runBatch } from "./run-batch.ts";

/**
 * Handles one batch: inbox rows, effects, outgoing events and cursors commit together. The steps between its attempts
 * are decided in `next-step.ts`.
 *
 * @param isolation the level of the first attempt.
 * @param parkedKeys keys whose parked events may have come to their turn.
 * @throws what is no handler's fault: the database is away, or refuses an inbox row. Try the same batch again later,
 * and leave it unacknowledged until then.
 */
export async function handleBatch(
  context: InboxContext,
  events: readonly IncomingEvent[],
  isolation: IsolationLevel,
  parkedKeys: readonly CursorName[] = [],
): Promise<BatchResult> {
  let attempt: BatchAttempt = {
    events: latestGenerations(events),
    parkedKeys,
    isolation,
    readKnownRows: isolation !== "batch",
    deferAll: false,
    excluded: new Map(),
  };
  let conflicts = 0;
  for (;;) {
    const running: { items: readonly Runnable[] } = { items: [] };
    try {
      return await runBatch(context, attempt, running);
    } catch (error) {
      const stopping = context.dependencies.stopping.aborted;
      const kind = kindOf(error, { conflicts, deferred: attempt.deferAll, stopping });
      const step = nextStep(kind, attempt.isolation, running.items.length);
      if (step === "give up") throw error;
      if (step === "run one by one") return handleOneByOne(context, attempt);
      if (kind === "conflict") conflicts += 1;
      attempt = { ...attempt, readKnownRows: true, ...changesOf(step, attempt, error, running.items) };
    }
  }
}

/** How the next attempt differs from the one that failed. */
function changesOf(
  step: Exclude<NextStep, "give up" | "run one by one">,
  { excluded }: BatchAttempt,
  error: unknown,
  running: readonly Runnable[],
): Partial<BatchAttempt> {
  switch (step) {
    case "repeat":
      return {};
    case "run in groups":
      return { isolation: "group" };
    case "defer":
      return { deferAll: true };
    case "exclude late":
      return {
        deferAll: true,
        excluded: new Map([...excluded, ...(error instanceof HandlersTimedOutError ? error.culprits : [])]),
      };
    case "exclude":
      return {
        excluded: new Map([...excluded, ...running.map(({ event }) => [event.id, asError(error)] as const)]),
      };
  }
}

/**
 * Handles each event as a batch of its own, in order; then one parked event of each key. An event that the inbox cannot
 * take leaves the others their turn: its error is thrown at the end.
 */
async function handleOneByOne(context: InboxContext, { events, parkedKeys }: BatchAttempt): Promise<BatchResult> {
  const results: BatchResult[] = [];
  const errors: unknown[] = [];
  const handle = (some: readonly IncomingEvent[], keys: readonly CursorName[]) =>
    handleBatch(context, some, "event", keys).then(
      (result) => results.push(result),
      (error: unknown) => errors.push(error),
    );
  for (const event of events) await handle([event], []);
  for (const key of parkedKeys) await handle([], [key]);
  if (errors.length > 0) throw errors[0];
  const acks = new Map<string, Ack[]>();
  for (const result of results)
    for (const [source, list] of result.acks) acks.set(source, [...(acks.get(source) ?? []), ...list]);
  return { acks, due: results.some(({ due }) => due), failed: true };
}

/** Each event once, in its latest generation. */
function latestGenerations(events: readonly IncomingEvent[]): IncomingEvent[] {
  const byId = new Map<string, IncomingEvent>();
  for (const event of events) {
    const other = byId.get(event.id);
    if (other === undefined || event.generation > other.generation) byId.set(event.id, event);
  }
  return [...byId.values()];
}
