import { Errors } from "moleculer";

const kinds = [
  Errors.ServiceNotFoundError,
  Errors.ServiceNotAvailableError,
  Errors.RequestRejectedError,
  Errors.BrokerDisconnectedError,
  Errors.QueueIsFullError,
];

/** Whether Moleculer found no node that could run the action. */
export function isServiceUnavailable(error: unknown): boolean {
  return kinds.some((kind) => error instanceof kind);
}
