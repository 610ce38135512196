import { errorCode } from "../errors/postbox-error.ts";
import { HandlerStopped, isConflict, sqlState } from "./handler-scope.ts";

/**
 * What is nobody's fault: the connection was lost (08), the server went down (57P0x), it ended a silent transaction
 * (25P03), it is short of something (53), or the worker stops. No attempt is counted for it.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof HandlerStopped) return true;
  if (["connection-lost", "transaction-idle"].includes(errorCode(error) ?? "")) return true;
  const state = sqlState(error) ?? "";
  return state.startsWith("08") || state.startsWith("57P0") || state.startsWith("53") || state === "25P03";
}

/** An interruption, or another transaction was in the way for too long (55P03) or at the wrong moment. */
export const isPassing = (error: unknown): boolean =>
  isInterruption(error) || isConflict(error) || sqlState(error) === "55P03";
