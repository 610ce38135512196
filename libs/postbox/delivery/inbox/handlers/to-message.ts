import { PermanentError } from "../../../core/errors/permanent-error.ts";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { validateEvent } from "../../wire/validate.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { EventHandler, Message } from "./handler.ts";

/**
 * The message that a handler gets for an incoming event. The payload is lifted to the handler's version and validated
 * against the event's contract.
 *
 * @throws PermanentError when that fails: no retry would mend the payload.
 */
export function toMessage({ event }: EventHandler, incoming: IncomingEvent, attempt: number): Message {
  let { data } = incoming;
  try {
    for (let version = incoming.version; version < event.version; version++)
      data = lift(event.upcasters, version, data);
    validateEvent(event, data);
  } catch (error) {
    if (error instanceof PostboxError) throw new PermanentError(error.message, { cause: error });
    throw new PermanentError(
      `Event '${event.subject}' could not be lifted from version ${incoming.version}: ${String(error)}`,
      { cause: error },
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

function lift(upcasters: EventHandler["event"]["upcasters"], version: number, data: unknown): unknown {
  const upcaster = upcasters?.[version];
  if (upcaster === undefined) throw new TypeError(`There is no upcaster from version ${version}.`);
  return upcaster(data);
}
