import type { Logger } from "moleculer";
import { FrameLimiter } from "../../../core/failures/frame-limiter.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { Outcome } from "../plan/outcome.ts";

/** What the log names an event by. */
export type NamedEvent = Pick<IncomingEvent, "id" | "type" | "key" | "source">;

/** Characters of a key that are logged at most. */
const maxKey = 50;

/**
 * The log of a worker's failures: a WARN for each run that failed or was interrupted, an ERROR for each event that is
 * dead. A line names the event, the attempt, the next try and the error, with the project's own stack frames below.
 */
export class FailureLog {
  readonly #logger: Pick<Logger, "warn" | "error">;
  readonly #frames = new FrameLimiter();

  constructor(logger: Pick<Logger, "warn" | "error">) {
    this.#logger = logger;
  }

  /** Logs the outcome of a run, if it is a failure. */
  write(event: NamedEvent, outcome: Outcome): void {
    if (outcome.status === "dead") {
      const after = outcome.attempts > 0 ? ` at attempt ${outcome.attempts}` : "";
      this.#logger.error(`${named(event)} is dead${after}. ${this.#frames.textOf(outcome.error)}`);
    } else if (outcome.status === "failed" && outcome.error !== null) {
      const { attempts, interruptions = 0, dueInMs, error } = outcome;
      const what = interruptions > 0 ? `was interrupted (${interruptions} in a row)` : `failed at attempt ${attempts}`;
      const next = `is tried again in ${(dueInMs / 1000).toFixed(1)} s`;
      this.#logger.warn(`${named(event)} ${what} and ${next}. ${this.#frames.textOf(error)}`);
    }
  }

  /** Logs an event that is refused, because its id is known with another payload. */
  conflict(event: NamedEvent): void {
    this.#logger.error(`${named(event)} was refused: its id is known here with another payload.`);
  }
}

function named({ id, type, key, source }: NamedEvent): string {
  const inKey = key === null ? "" : `, key ${JSON.stringify(key.slice(0, maxKey))}`;
  return `Event ${id} (${type} from ${source}${inKey})`;
}
