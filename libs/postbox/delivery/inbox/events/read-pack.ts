import type { JsMsg } from "nats";
import type { Envelope } from "../../wire/envelope.ts";
import { payloadHash } from "../../wire/payload-hash.ts";
import type { IncomingEvent } from "./incoming-event.ts";
import { isCount, isEnvelope, isId } from "./is-envelope.ts";

/** What can be read of a refused event, so that its publisher gets an acknowledgement. */
export type RefusedEvent = Pick<IncomingEvent, "id" | "source" | "generation">;

/** Called for a refused pack, or a refused event of a pack. Without `event` there is nobody to acknowledge to. */
export type OnRefused = (error: unknown, event?: RefusedEvent) => void;

/**
 * Reads the events of a broker message. Those of a message that was delivered before are possible poison.
 *
 * A message that is no pack is refused whole. No relay sends such a message: relays join rows that Postgres took as
 * JSON.
 *
 * Within a pack an envelope is refused by itself. It is malformed, or names another publisher or event than the subject
 * does. The broker's permissions vouch for the subject, not for the envelope.
 */
export function readMessage(message: JsMsg, possiblePoison: boolean, refuse: OnRefused): IncomingEvent[] {
  const [target = ""] = message.subject.split(".", 1);
  try {
    return readPack(message.string(), message.subject.slice(target.length + 1), possiblePoison, refuse);
  } catch (error) {
    refuse(error);
    return [];
  }
}

/**
 * The events of a pack's body, all of them of type `<source>.<name>`.
 *
 * @throws TypeError or SyntaxError for a body that is no pack.
 */
export function readPack(body: string, type: string, possiblePoison: boolean, refuse: OnRefused): IncomingEvent[] {
  const [source = ""] = type.split(".", 1);
  const pack: unknown = JSON.parse(body);
  if (!Array.isArray(pack)) throw new TypeError("A message is not a pack of events.");
  const events: IncomingEvent[] = [];
  for (const envelope of pack as readonly unknown[])
    try {
      events.push(readEnvelope(envelope, { source, type }, possiblePoison));
    } catch (error) {
      refuse(error, readRefused(envelope, source));
    }
  return events;
}

function readEnvelope(
  envelope: unknown,
  { source, type }: Pick<IncomingEvent, "source" | "type">,
  possiblePoison: boolean,
): IncomingEvent {
  if (!isEnvelope(envelope))
    throw new TypeError(
      `An envelope is malformed: ${JSON.stringify(envelope).slice(0, 200)}. Bring '${source}' and its subscriber to one release and replay it, or skip it.`,
    );
  if (envelope.service !== source || envelope.event_type !== type)
    throw new TypeError(`An event '${envelope.event_type}' of '${envelope.service}' came as '${type}'.`);
  return {
    id: envelope.event_id,
    source: envelope.service,
    type: envelope.event_type,
    version: envelope.version,
    key: envelope.key,
    sequence: envelope.sequence,
    generation: envelope.generation,
    tombstone: envelope.tombstone === true,
    occurredAt: envelope.occurred_at,
    data: envelope.data,
    headers: envelope.headers,
    hash: payloadHash(JSON.stringify(envelope.data)),
    possiblePoison,
  };
}

/** The publisher comes from the subject: the envelope may name any. */
function readRefused(envelope: unknown, source: string): RefusedEvent | undefined {
  if (typeof envelope !== "object" || envelope === null) return undefined;
  const { event_id: id, generation } = envelope as Partial<Record<keyof Envelope, unknown>>;
  return isId(id) && isCount(generation) ? { id, source, generation } : undefined;
}
