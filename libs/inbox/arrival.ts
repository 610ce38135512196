import type { JsMsg } from "nats";
import type { Envelope } from "../events/envelope.ts";
import { payloadHash } from "../events/payload-hash.ts";

/** One event as it came in, or as it was stored for later. */
export interface Arrival {
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
  readonly suspect: boolean;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Takes a broker message apart. A redelivered pack makes every event in it a suspect.
 *
 * @throws TypeError for a message that is not a pack of envelopes, or whose envelopes name another publisher than
 * the subject, which the broker's permissions vouch for.
 */
export function readArrivals(message: JsMsg): Arrival[] {
  const [, source = ""] = message.subject.split(".");
  return readPack(message.string(), source, message.info.deliveryCount > 1);
}

/** The events of a pack's body. @throws TypeError as `readArrivals`. */
export function readPack(body: string, source: string, suspect: boolean): Arrival[] {
  const pack: unknown = JSON.parse(body);
  if (!Array.isArray(pack)) throw new TypeError("A message is not a pack of events.");
  return pack.map((envelope: unknown) => {
    if (!isEnvelope(envelope))
      throw new TypeError(`An envelope is malformed: ${JSON.stringify(envelope).slice(0, 200)}`);
    if (envelope.service !== source)
      throw new TypeError(`An event of '${envelope.service}' came over a subject of '${source}'.`);
    return {
      id: envelope.event_id,
      source,
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
      suspect,
    };
  });
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const envelope = value as Partial<Record<keyof Envelope, unknown>>;
  return (
    typeof envelope.event_id === "string" &&
    uuid.test(envelope.event_id) &&
    typeof envelope.service === "string" &&
    typeof envelope.event_type === "string" &&
    Number.isInteger(envelope.version) &&
    (envelope.key === null
      ? envelope.sequence === null
      : typeof envelope.key === "string" && Number.isInteger(envelope.sequence)) &&
    Number.isInteger(envelope.generation) &&
    typeof envelope.occurred_at === "string" &&
    !Number.isNaN(Date.parse(envelope.occurred_at)) &&
    envelope.data !== undefined &&
    typeof envelope.headers === "object" &&
    envelope.headers !== null
  );
}
