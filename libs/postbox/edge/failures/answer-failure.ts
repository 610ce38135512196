import type { ServiceBroker } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { type DatabaseFault, databaseFault, faultReason } from "../../postgres/connection/fault.ts";
import { logFailure } from "./log-failure.ts";

/** What a caller is told of each fault, and after how many seconds a retry makes sense. */
const answers: Readonly<Record<DatabaseFault, { readonly message: string; readonly retryAfter: number }>> = {
  away: { message: "The database is away; try again in a moment.", retryAfter: 2 },
  "read-only": { message: "The database takes no changes at the moment; try again later.", retryAfter: 5 },
  stale: { message: "The database has just changed; try again.", retryAfter: 1 },
  busy: { message: "Somebody else works on the same data; try again in a moment.", retryAfter: 2 },
};

/** Milliseconds between two lines of the log. */
const logIntervalMs = 1_000;

interface FaultLog {
  loggedAt: number;
  /** Faults since then. */
  unlogged: number;
}

const logs = new WeakMap<ServiceBroker, FaultLog>();

/**
 * Moleculer's `errorHandler`: has an action whose database is at fault answer `service-unavailable`, so that its caller, on
 * whichever node, may try again. One line a second says so in the log, however many actions there are.
 *
 * @throws the error that the caller gets: any other one stays as it is, and is logged if nobody foresaw it.
 */
export function answerFailure(this: ServiceBroker, error: Error, info: ServiceBroker.BrokerErrorHandlerInfo): never {
  const fault = databaseFault(error);
  if (fault === undefined) return logFailure.call(this, error, info);
  // An error of the caller's own side comes without a service.
  const service: unknown = Reflect.get(Object(Reflect.get(info, "service")), "name");
  log(this, `The database of '${service ?? "another node"}' is ${fault} (${faultReason(error)})`);
  const { message, retryAfter } = answers[fault];
  throw new PostboxError("service-unavailable", message, { retryAfter, cause: error });
}

function log(broker: ServiceBroker, what: string): void {
  const state = logs.get(broker) ?? { loggedAt: Number.NEGATIVE_INFINITY, unlogged: 0 };
  logs.set(broker, state);
  const now = performance.now();
  if (now - state.loggedAt < logIntervalMs) {
    state.unlogged += 1;
    return;
  }
  const more = state.unlogged > 0 ? ` ${state.unlogged} further calls were answered so.` : "";
  broker.logger.warn(`${what}: a call is answered 503.${more}`);
  state.loggedAt = now;
  state.unlogged = 0;
}
