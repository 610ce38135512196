/** What a subscriber says of an event: it is done, it is kept for later, or it will not be. */
export const ackStatuses = ["processed", "skipped", "dead", "received"] as const;
export type AckStatus = (typeof ackStatuses)[number];

/** One acknowledgement. `error` tells why an event failed or died; `attempts` how often it was tried. */
export interface Ack {
  readonly id: string;
  readonly generation: number;
  readonly status: AckStatus;
  readonly attempts: number;
  readonly error: string | null;
}

/** On the wire: one tuple an event, in the order of `Ack`'s fields. */
type Tuple = [id: string, generation: number, status: AckStatus, attempts: number, error: string | null];

/** Longest error text that travels, in characters. */
const errorLength = 500;

export function encodeAcks(acks: readonly Ack[]): string {
  return JSON.stringify(
    acks.map(
      ({ id, generation, status, attempts, error }): Tuple => [
        id,
        generation,
        status,
        attempts,
        error?.slice(0, errorLength).replaceAll("\0", "") ?? null,
      ],
    ),
  );
}

/** Reads one message of acknowledgements. @throws TypeError when it is not one. */
export function decodeAcks(text: string): Ack[] {
  const tuples: unknown = JSON.parse(text);
  if (!Array.isArray(tuples)) throw new TypeError("A message of acknowledgements is not an array.");
  return tuples.map((tuple: unknown): Ack => {
    if (!isTuple(tuple)) throw new TypeError(`An acknowledgement is malformed: ${JSON.stringify(tuple).slice(0, 200)}`);
    const [id, generation, status, attempts, error] = tuple;
    return { id, generation, status, attempts, error };
  });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A whole number that the database's `integer` takes. */
const isCount = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647;

function isTuple(tuple: unknown): tuple is Tuple {
  if (!Array.isArray(tuple)) return false;
  const [id, generation, status, attempts, error] = tuple;
  return (
    typeof id === "string" &&
    uuid.test(id) &&
    isCount(generation) &&
    ackStatuses.includes(status) &&
    isCount(attempts) &&
    (error === null || (typeof error === "string" && !error.includes("\0")))
  );
}
