import { NatsError } from "nats";
import { errorCode } from "../../core/errors/postbox-error.ts";

/** Error codes of the JetStream API (nats-server, server/errors.json). */
export const apiCode = {
  streamNotFound: 10059,
  consumerNotFound: 10014,
  streamNameInUse: 10058,
  messageNotFound: 10037,
} as const;

/** The JetStream API's own code of an error; undefined for any other error. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

/** Whether the broker or the connection to it failed, and not the code that called. */
export function isBrokerError(error: unknown): boolean {
  return error instanceof NatsError || errorCode(error) === "broker-unavailable";
}

/** Resolves to undefined where the call fails with one of the API's `codes`. */
export async function unless<T>(call: Promise<T>, ...codes: number[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(apiErrorCode(error) ?? 0)) return undefined;
    throw error;
  }
}
