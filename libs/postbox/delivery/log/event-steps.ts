import type { Logger } from "moleculer";

/** Levels at which the steps of events are logged. */
const levels = ["debug", "trace"];

/**
 * Logs the way of each event, a line a step: enqueued, published, arrived, handled, acknowledged. All lines of an event
 * begin with its id, in the logs of both services.
 */
export class EventSteps {
  readonly #logger: Pick<Logger, "debug">;

  constructor(logger: Pick<Logger, "debug">) {
    this.#logger = logger;
  }

  /** @param rows rows of an outbox whose transaction has committed; `headers` is JSON text. */
  enqueued(rows: readonly { id: string; event_type: string; target: string; headers: string }[]): void {
    for (const { id, event_type, target, headers } of rows)
      this.#write(id, `was enqueued: ${event_type} to ${target}, correlation ${JSON.parse(headers).correlation_id}`);
  }

  published(events: readonly { readonly id: string }[]): void {
    for (const { id } of events) this.#write(id, "was published");
  }

  arrived(events: readonly { id: string; type: string; source: string }[]): void {
    for (const { id, type, source } of events) this.#write(id, `has arrived: ${type} from ${source}`);
  }

  handled(events: readonly { readonly id: string }[]): void {
    for (const { id } of events) this.#write(id, "was handled");
  }

  acknowledged(subscriber: string, acks: readonly { id: string; status: string }[]): void {
    for (const { id, status } of acks) this.#write(id, `was acknowledged by ${subscriber}: ${status}`);
  }

  #write(id: string, step: string): void {
    this.#logger.debug(`Event ${id} ${step}.`);
  }
}

/**
 * The log of steps at level `debug` or `trace`; undefined at any other. Its callers write `steps?.published(…)`, which
 * builds no text where nobody reads it.
 */
export const eventSteps = (logger: Pick<Logger, "debug">, level: string): EventSteps | undefined =>
  levels.includes(level) ? new EventSteps(logger) : undefined;
