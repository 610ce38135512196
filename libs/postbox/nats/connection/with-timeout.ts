import { PostboxError } from "../../core/errors/postbox-error.ts";

/**
 * Bounds a call to the broker: while a broker is frozen, some calls of the client never return.
 *
 * @param what names the call in the error.
 * @throws PostboxError `broker-unavailable` after `ms` milliseconds.
 */
export async function withTimeout<T>(what: string, call: Promise<T>, ms = 5_000): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new PostboxError("broker-unavailable", `NATS did not answer '${what}' within ${ms} ms.`)),
    ms,
  );
  try {
    return await Promise.race([call, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
