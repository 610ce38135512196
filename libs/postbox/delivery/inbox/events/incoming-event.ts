import type { JsMsg } from "nats";
import type { Envelope } from "../../wire/envelope.ts";
import { faultOfKey } from "../../wire/key.ts";
import { payloadHash } from "../../wire/payload-hash.ts";

/** One event as it came in, or as it was stored for later. */
export interface IncomingEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly version: number;
  readonly key: string | null;
  readonly sequence: number | null;
  readonly generation: number;
  readonly tombstone: boolean;
  readonly occurredAt: string;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly hash: string;
  /** Handled before and not acknowledged: it may have ended its process. */
  readonly possiblePoison: boolean;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An event that is not taken, of which can be read which it is. */
export type RefusedEvent = Pick<IncomingEvent, "id" | "source" | "generation">;

/**
 * Is told why something that came in is not taken: a whole message, or one event of it. `event` is there if its
 * publisher can be told; otherwise nobody but the log is.
 */
export type OnRefused = (error: unknown, event?: RefusedEvent) => void;

/**
 * Takes a broker message apart. Those of a pack that was delivered before are suspects.
 *
 * What is refused: a message that is not a pack of envelopes; and by itself, not with its neighbours, an envelope that
 * is malformed or names another publisher or event than the subject, which the broker's permissions vouch for.
 *
 * A body that is no pack names nobody who waits for an answer, and comes from no relay: theirs are joined of rows that
 * Postgres has taken as JSON.
 */
export function readIncomingEvents(message: JsMsg, possiblePoison: boolean, refuse: OnRefused): IncomingEvent[] {
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
 * @throws TypeError or SyntaxError for what is not a pack.
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
      refuse(error, refusedOf(envelope, source));
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

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

/** What the database's `integer` takes. */
const maxInteger = 2_147_483_647;

function isId(value: unknown): value is string {
  return typeof value === "string" && uuid.test(value);
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}

/** Whose a refused event is, the subject tells. */
function refusedOf(envelope: unknown, source: string): RefusedEvent | undefined {
  if (typeof envelope !== "object" || envelope === null) return undefined;
  const { event_id: id, generation } = envelope as Partial<Record<keyof Envelope, unknown>>;
  return isId(id) && isCount(generation, maxInteger) ? { id, source, generation } : undefined;
}

/** What the tables would refuse is refused here: one such message would hold up all that came with it, for ever. */
function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const envelope = value as Partial<Record<keyof Envelope, unknown>>;
  return (
    isId(envelope.event_id) &&
    typeof envelope.service === "string" &&
    typeof envelope.event_type === "string" &&
    isCount(envelope.version, maxInteger) &&
    (envelope.key === null
      ? envelope.sequence === null
      : typeof envelope.key === "string" &&
        faultOfKey(envelope.key) === undefined &&
        isCount(envelope.sequence, Number.MAX_SAFE_INTEGER)) &&
    isCount(envelope.generation, maxInteger) &&
    typeof envelope.occurred_at === "string" &&
    isoTime.test(envelope.occurred_at) &&
    envelope.data !== undefined &&
    typeof envelope.headers === "object" &&
    envelope.headers !== null
  );
}
