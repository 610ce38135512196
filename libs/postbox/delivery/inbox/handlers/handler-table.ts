import { openSubject } from "../../wire/open-event.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { EventHandler } from "./handler.ts";

/** A service's handlers by the event they take. */
export class HandlerTable {
  readonly #handlers = new Map<string, EventHandler>();

  /**
   * @param handlers whatever models they need: the type of the `mailbox` mixin compares those with the service's own.
   * @throws TypeError for two handlers of one event, or for an event that is not sent to this service.
   */
  constructor(service: string, handlers: readonly EventHandler<never>[]) {
    for (const handler of handlers) {
      const { subject, targets } = handler.event;
      if (this.#handlers.has(subject)) throw new TypeError(`Service '${service}' has two handlers of '${subject}'.`);
      if (!targets.includes(service))
        throw new TypeError(`Service '${service}' handles '${subject}', which is sent to ${targets.join(", ")} only.`);
      this.#handlers.set(subject, handler as EventHandler);
    }
  }

  /** The handler of this event; undefined for a type or a version that this release does not know. */
  find({ type, version }: Pick<IncomingEvent, "type" | "version">): EventHandler | undefined {
    const knows = (handler: EventHandler | undefined) => handler !== undefined && version <= handler.event.version;
    const own = this.#handlers.get(type);
    if (knows(own)) return own;
    const open = this.#handlers.get(openSubject(type));
    return knows(open) ? open : undefined;
  }

  /** The event types that are known, those of any publisher as `*.<name>`, and the latest known version of each. */
  known(): { types: string[]; versions: number[] } {
    const handlers = [...this.#handlers.values()];
    return { types: handlers.map(({ event }) => event.subject), versions: handlers.map(({ event }) => event.version) };
  }

  /** The event types whose handlers are external, those of any publisher as `*.<name>`. */
  external(): string[] {
    return [...this.#handlers.values()].filter(({ mode }) => mode === "external").map(({ event }) => event.subject);
  }
}
