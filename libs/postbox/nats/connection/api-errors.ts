import { NatsError } from "nats";

/** Error codes of the JetStream API (nats-server, server/errors.json). */
export const apiCode = {
  streamNotFound: 10059,
  consumerNotFound: 10014,
  streamNameInUse: 10058,
  messageNotFound: 10037,
} as const;

/** The JetStream API's own code of an error, if it is one of its. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

/** Gives undefined instead of an API error with one of `codes`. */
export async function unless<T>(call: Promise<T>, ...codes: number[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(apiErrorCode(error) ?? 0)) return undefined;
    throw error;
  }
}
