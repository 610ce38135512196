import { errorCode } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";
import { isConflict } from "../handlers/handler-errors.ts";
import { isIdleTimeout, isInterruption } from "../plan/interruption.ts";
import { ConcurrentWriteError } from "../rows/concurrent-write-error.ts";
import { BatchFailedError, HandlersTimedOutError } from "./attempt-errors.ts";
import type { IsolationLevel } from "./batch-attempt.ts";

/*
 * The attempts of a batch
 *
 * Each attempt runs the batch in one transaction. An attempt that commits ends the batch. An attempt that fails is
 * rolled back, and the kind of its error, its isolation level and what it ran decide on the next step.
 *
 * Isolation only grows. At level `batch` all handlers succeed together. At level `group` a failed handler costs its own
 * event alone. At level `event` each event is a batch of its own. That is the last resort when the database refuses a
 * statement and the attempt does not show whose.
 *
 * Two things reduce what an attempt runs. An excluded event is stored with its error instead of being run. A deferred
 * batch runs nothing: its events are stored, and each runs alone from its row.
 *
 * A batch that is given up has changed nothing. Its messages stay unacknowledged, so the same batch comes again.
 */

/** What ended an attempt. */
export type FailureKind =
  /** What is not the events' fault: the database is away, or the worker stops. */
  | "interruption"
  /** The process was silent for so long that Postgres ended the transaction. A handler may keep the process busy. */
  | "standstill"
  /** Another worker stored one of the events meanwhile. */
  | "concurrent write"
  /** A handler failed at level `batch`. At the other levels an attempt deals with failed handlers itself. */
  | "handler failed"
  /** Handlers ran over their time. */
  | "handlers timed out"
  /** Another transaction was in the way: a deadlock, or a serialization failure. */
  | "conflict"
  /** The database refused a statement, or a handler left the transaction aborted. */
  | "statement refused"
  /** Anything else: a defect of the runtime. */
  | "unknown";

/** What to do after a failed attempt. */
export type NextStep =
  /** Throw the error: the batch is tried again later. */
  | "give up"
  /** Run the batch again as it is. */
  | "repeat"
  /** Run the batch again at level `group`. */
  | "run in groups"
  /** Store all events, each to run alone from its row: a busy handler would keep any attempt of the batch busy. */
  | "defer"
  /** Exclude the events known to be late, and defer the others: each further attempt could take as long again. */
  | "exclude late"
  /** Exclude the one event that ran: only this event can be at fault. */
  | "exclude"
  /** Run each event as a batch of its own, at level `event`. */
  | "run one by one";

/** One step, or one for an attempt that ran a single event and one for an attempt that ran none or several. */
type Cell = NextStep | { readonly single: NextStep; readonly other: NextStep };

export const nextSteps: Readonly<Record<FailureKind, Readonly<Record<IsolationLevel, Cell>>>> = {
  interruption: { batch: "give up", group: "give up", event: "give up" },
  standstill: { batch: "defer", group: "defer", event: "defer" },
  "concurrent write": { batch: "repeat", group: "repeat", event: "repeat" },
  "handler failed": { batch: "run in groups", group: "run in groups", event: "run in groups" },
  "handlers timed out": { batch: "exclude late", group: "exclude late", event: "exclude late" },
  conflict: { batch: "repeat", group: "repeat", event: "repeat" },
  "statement refused": {
    batch: "run in groups",
    group: { single: "exclude", other: "run one by one" },
    event: { single: "exclude", other: "give up" },
  },
  unknown: { batch: "give up", group: "give up", event: "give up" },
};

/** @param running how many events the failed attempt ran. */
export function nextStep(kind: FailureKind, isolation: IsolationLevel, running: number): NextStep {
  const cell = nextSteps[kind][isolation];
  if (typeof cell === "string") return cell;
  return running === 1 ? cell.single : cell.other;
}

/** The conflict that counts as a refused statement, so that a handler which conflicts each time comes to an end. */
export const maxConflicts = 5;

/** What `kindOf` must know beside the error. */
export interface History {
  /** Conflicts of earlier attempts. */
  readonly conflicts: number;
  /** Whether the failed attempt ran nothing: a standstill is not the handlers' doing then. */
  readonly deferred: boolean;
  /** Whether the worker stops: no error of its handlers counts any more. */
  readonly stopping: boolean;
}

export function kindOf(error: unknown, { conflicts, deferred, stopping }: History): FailureKind {
  if (stopping) return "interruption";
  if (isIdleTimeout(error) && !deferred) return "standstill";
  if (isInterruption(error)) return "interruption";
  if (error instanceof ConcurrentWriteError) return "concurrent write";
  if (error instanceof BatchFailedError) return "handler failed";
  if (error instanceof HandlersTimedOutError) return "handlers timed out";
  if (isConflict(error) && conflicts + 1 < maxConflicts) return "conflict";
  const code = errorCode(error);
  const refused = sqlState(error) !== undefined || code === "transaction-aborted" || code === "lock-timeout";
  return refused ? "statement refused" : "unknown";
}
