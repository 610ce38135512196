/**
 * What a subscriber says of an event: `processed` or `skipped`, `dead` if it has failed for good, `received` if it is
 * stored for later. The most final comes first.
 */
export const ackStatuses = ["processed", "skipped", "dead", "received"] as const;
export type AckStatus = (typeof ackStatuses)[number];

/** One acknowledgement. `attempts` counts how often the handler ran, `error` is the last error. */
export interface Ack {
  readonly id: string;
  readonly generation: number;
  readonly status: AckStatus;
  readonly attempts: number;
  readonly error: string | null;
}

/** An acknowledgement on the wire: a tuple in the order of `Ack`'s fields. */
type AckTuple = [id: string, generation: number, status: AckStatus, attempts: number, error: string | null];

/** Characters of an error text that are sent at most. */
const maxErrorLength = 500;

export function encodeAcks(acks: readonly Ack[]): string {
  return JSON.stringify(
    acks.map(
      ({ id, generation, status, attempts, error }): AckTuple => [
        id,
        generation,
        status,
        attempts,
        error?.slice(0, maxErrorLength).replaceAll("\0", "") ?? null,
      ],
    ),
  );
}

/** Reads one message of acknowledgements. @throws TypeError or SyntaxError for any other text. */
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

/** Whether a value is a whole number that fits into a column of type `integer`. */
const isCount = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647;

function isTuple(tuple: unknown): tuple is AckTuple {
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
