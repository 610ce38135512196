import { PermanentError } from "../../../core/errors/permanent-error.ts";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { validateEvent } from "../../wire/validate.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { EventHandler, Message } from "./handler.ts";

/** A service's handlers by the event they take. */
export class HandlerTable {
  readonly #handlers = new Map<string, EventHandler>();

  /**
   * @param handlers whatever models they need: the `mailbox` mixin has held those against the service's own.
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

  /** The handler of this event in this version; undefined for what this release does not know. */
  find({ type, version }: Pick<IncomingEvent, "type" | "version">): EventHandler | undefined {
    const handler = this.#handlers.get(type);
    return handler !== undefined && version <= handler.event.version ? handler : undefined;
  }

  /** The event types that are known, with their versions. */
  known(): { types: string[]; versions: number[] } {
    const handlers = [...this.#handlers.values()];
    return { types: handlers.map(({ event }) => event.subject), versions: handlers.map(({ event }) => event.version) };
  }

  /** The event types whose handlers are external. */
  external(): string[] {
    return [...this.#handlers.values()].filter(({ mode }) => mode === "external").map(({ event }) => event.subject);
  }
}

const defaultTimeoutMs = 30_000;
const defaultMaxAttempts = 10;

export const timeoutOf = (handler: EventHandler): number => handler.timeoutMs ?? defaultTimeoutMs;
export const maxAttemptsOf = (handler: EventHandler): number => handler.maxAttempts ?? defaultMaxAttempts;

/**
 * An incoming as its handler takes it: older versions lifted to the handler's, the payload held against the contract.
 *
 * @throws PermanentError for a payload that breaks it: no retry will mend that.
 */
export function messageOf(handler: EventHandler, incoming: IncomingEvent, attempt: number): Message {
  const { event } = handler;
  let { data } = incoming;
  try {
    for (let version = incoming.version; version < event.version; version++)
      data = lift(event.upcasters, version, data);
    validateEvent(event, data);
  } catch (error) {
    if (error instanceof PostboxError) throw new PermanentError(error.message, { cause: error });
    throw new PermanentError(
      `Event '${event.subject}' could not be lifted from version ${incoming.version}: ${String(error)}`,
      {
        cause: error,
      },
    );
  }
  return {
    id: incoming.id,
    source: incoming.source,
    type: incoming.type,
    version: event.version,
    key: incoming.key ?? undefined,
    occurredAt: new Date(incoming.occurredAt),
    data,
    headers: incoming.headers,
    attempt,
  };
}

function lift(upcasters: EventUpcasters | undefined, version: number, data: unknown): unknown {
  const upcaster = upcasters?.[version];
  if (upcaster === undefined) throw new TypeError(`There is no upcaster from version ${version}.`);
  return upcaster(data);
}

type EventUpcasters = NonNullable<EventHandler["event"]["upcasters"]>;
