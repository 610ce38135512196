import { PostboxError } from "../../core/errors/postbox-error.ts";

/**
 * Bounds a call to the broker: on a frozen one some client calls never return.
 *
 * @throws PostboxError `broker-unavailable` after `ms` milliseconds.
 */
export async function withTimeout<T>(what: string, call: Promise<T>, ms = 5_000): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new PostboxError("broker-unavailable", `NATS did not answer '${what}' within ${ms} ms.`)),
    ms,
  );
  try {
    return await Promise.race([call, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
