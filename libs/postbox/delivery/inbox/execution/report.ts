import { headlineOf } from "../../../core/failures/stored-error.ts";
import type { Ack } from "../../wire/ack.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { InboxWrite, KnownRow } from "../plan/plan.ts";
import type { BatchSnapshot } from "./batch-snapshot.ts";
import type { InboxContext } from "./inbox-context.ts";
import type { RunResult } from "./run-groups.ts";

/** What follows from a committed batch. */
export interface BatchResult {
  /** Acknowledgements to send, by publisher. */
  readonly acks: ReadonlyMap<string, readonly Ack[]>;
  /** Whether stored events are due now. */
  readonly due: boolean;
  /** Whether a handler failed: run the next batches at level `group`. */
  readonly failed: boolean;
}

/**
 * Makes the acknowledgements of a batch that has committed, counts its events in the metrics and logs its failures.
 *
 * @param writes the events that were not processed, as they were written.
 */
export function report(
  { metrics, failures, steps }: InboxContext,
  { plan, moreWaiting }: BatchSnapshot,
  run: RunResult,
  writes: readonly InboxWrite[],
): BatchResult {
  const acks = new Map<string, Ack[]>();
  const acknowledge = (
    { source, id, generation }: IncomingEvent,
    status: Ack["status"],
    attempts = 0,
    error: string | null = null,
  ) => {
    const list = acks.get(source);
    const ack = { id, generation, status, attempts, error: error === null ? null : headlineOf(error) };
    if (list) list.push(ack);
    else acks.set(source, [ack]);
  };
  let due = (moreWaiting && plan.cursors.size > 0) || plan.rearm.length > 0;
  steps?.handled(run.processed.map(({ event }) => event));
  for (const { event } of run.processed) acknowledge(event, "processed", 1);
  for (const { event, outcome } of writes) {
    failures.write(event, outcome);
    const deferred = outcome.status === "failed" && outcome.error === null;
    metrics.handled(deferred ? "deferred" : outcome.status, 1);
    if (outcome.status === "failed" && outcome.dueInMs === 0) due = true;
    if (outcome.status === "skipped") acknowledge(event, "skipped");
    else if (outcome.status === "dead") acknowledge(event, "dead", outcome.attempts, outcome.error);
    else if (outcome.status === "failed") acknowledge(event, "received", outcome.attempts, outcome.error);
    else acknowledge(event, "received");
  }
  for (const { event, row } of plan.known) acknowledge(event, ackStatus(row), row.attempts, row.error_message);
  for (const event of plan.rearm) acknowledge(event, event.tombstone ? "skipped" : "received");
  // Only an event that was changed and replayed is answered. An ack of a known generation would settle the known event.
  for (const { event, row } of plan.conflict)
    if (event.generation > row.generation) acknowledge(event, "dead", row.attempts, conflictError(row));
  for (const { event } of plan.conflict) failures.conflict(event);
  metrics.handled("processed", run.processed.length);
  metrics.handled("duplicate", plan.known.length);
  metrics.handled("conflict", plan.conflict.length);
  return { acks, due, failed: run.failed.size > 0 };
}

/** For an event that an operator changed and replayed. */
const conflictError = ({ status }: KnownRow): string =>
  `Its id is known here with another payload, which is '${status}'. Publish the change as a new event and skip this one, or restore what it was and replay it.`;

/** The acknowledgement of an event that is known: `received` until its row is final. */
function ackStatus({ status }: KnownRow): Ack["status"] {
  return status === "processed" || status === "skipped" || status === "dead" ? status : "received";
}
