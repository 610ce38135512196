import { Errors } from "moleculer";

const kinds = [
  Errors.ServiceNotFoundError,
  Errors.ServiceNotAvailableError,
  Errors.RequestRejectedError,
  Errors.BrokerDisconnectedError,
  Errors.QueueIsFullError,
];

/** Whether an error is Moleculer's way to say that nobody is there to do it. */
export function isServiceUnavailable(error: unknown): boolean {
  return kinds.some((kind) => error instanceof kind);
}
