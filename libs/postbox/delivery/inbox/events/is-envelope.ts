import type { Envelope } from "../../wire/envelope.ts";
import { faultOfKey } from "../../wire/key.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

/** The largest value of the database's `integer`. */
const maxInteger = 2_147_483_647;

export function isId(value: unknown): value is string {
  return typeof value === "string" && uuid.test(value);
}

/** A count that fits into a column of type `integer`. */
export const isCount = (value: unknown): value is number => isNatural(value, maxInteger);

function isNatural(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
}

/**
 * Whether the inbox can store this envelope. What the tables would refuse is refused here: one such envelope in a batch
 * would make the whole batch fail again and again.
 */
export function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const envelope = value as Partial<Record<keyof Envelope, unknown>>;
  return (
    isId(envelope.event_id) &&
    typeof envelope.service === "string" &&
    typeof envelope.event_type === "string" &&
    isCount(envelope.version) &&
    (envelope.key === null
      ? envelope.sequence === null
      : typeof envelope.key === "string" &&
        faultOfKey(envelope.key) === undefined &&
        isNatural(envelope.sequence, Number.MAX_SAFE_INTEGER)) &&
    isCount(envelope.generation) &&
    typeof envelope.occurred_at === "string" &&
    isoTime.test(envelope.occurred_at) &&
    envelope.data !== undefined &&
    typeof envelope.headers === "object" &&
    envelope.headers !== null
  );
}
