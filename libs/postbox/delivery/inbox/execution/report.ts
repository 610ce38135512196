import type { Ack } from "../../wire/ack.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { KnownRow } from "../plan/plan.ts";
import type { BatchSnapshot } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { RunResult } from "./run-groups.ts";
import { writesOf } from "./write-batch.ts";

/** What a committed batch means for others. */
export interface BatchResult {
  /** To send, by publisher. */
  readonly acks: ReadonlyMap<string, readonly Ack[]>;
  /** Stored events are due now. */
  readonly due: boolean;
  /** Something failed: the next batches should be run with isolation. */
  readonly failed: boolean;
}

/** Tells of a batch that has committed: to its publishers, and to the metrics. */
export function report({ metrics }: InboxContext, { plan, moreWaiting }: BatchSnapshot, run: RunResult): BatchResult {
  const acks = new Map<string, Ack[]>();
  const tell = (
    { source, id, generation }: IncomingEvent,
    status: Ack["status"],
    attempts = 0,
    error: string | null = null,
  ) => {
    const list = acks.get(source);
    const ack = { id, generation, status, attempts, error };
    if (list) list.push(ack);
    else acks.set(source, [ack]);
  };
  let due = (moreWaiting && plan.cursors.size > 0) || plan.rearm.length > 0;
  for (const { event } of run.processed) tell(event, "processed", 1);
  for (const { event, outcome } of [...plan.writes, ...writesOf(run)]) {
    const deferred = outcome.status === "failed" && outcome.error === null;
    metrics.handled(deferred ? "deferred" : outcome.status, 1);
    if (outcome.status === "failed" && outcome.dueInMs === 0) due = true;
    if (outcome.status === "skipped") tell(event, "skipped");
    else if (outcome.status === "dead") tell(event, "dead", outcome.attempts, outcome.error);
    else if (outcome.status === "failed") tell(event, "received", outcome.attempts, outcome.error);
    else tell(event, "received");
  }
  for (const { event, row } of plan.known) tell(event, answerOf(row.status), row.attempts, row.error_message);
  for (const event of plan.rearm) tell(event, event.tombstone ? "skipped" : "received");
  for (const { event, row } of plan.conflict)
    if (event.generation > row.generation) tell(event, "dead", row.attempts, conflictError(row));
  metrics.handled("processed", run.processed.length);
  metrics.handled("duplicate", plan.known.length);
  metrics.handled("conflict", plan.conflict.length);
  return { acks, due, failed: run.failed.size > 0 };
}

/**
 * What an operator has changed and replayed is answered: nothing else will ever be said of that generation. Not so of a
 * generation that is known: its answer is the known event's, and would settle, or bury, that one at its publisher.
 */
const conflictError = ({ status }: KnownRow): string =>
  `Its id is known here with another payload, which is '${status}'. Publish the change as a new event and skip this one, or restore what it was and replay it.`;

function answerOf(status: "processed" | "skipped" | "failed" | "parked" | "held" | "dead"): Ack["status"] {
  return status === "processed" || status === "skipped" || status === "dead" ? status : "received";
}
