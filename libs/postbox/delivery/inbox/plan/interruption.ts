import { ConnectionError } from "sequelize";
import { errorCode } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";
import { HandlerStopped } from "../handlers/run-handler.ts";

/**
 * What is nobody's fault: there was no connection to be had, it was lost (08), the server went down (57P0x), it ended a
 * silent transaction (25P03), it is short of something (53), or the worker stops. No attempt is counted for it.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof HandlerStopped || error instanceof ConnectionError || isIdleTimeout(error)) return true;
  if (errorCode(error) === "connection-lost") return true;
  const state = sqlState(error) ?? "";
  return state.startsWith("08") || state.startsWith("57P0") || state.startsWith("53");
}

/** Postgres ended a transaction in which nothing came: this process stood still, or something in it kept it busy. */
export const isIdleTimeout = (error: unknown): boolean =>
  errorCode(error) === "transaction-idle" || sqlState(error) === "25P03";

/** An interruption, or another transaction was in the way for too long (55P03): an event is charged when it goes on (`outcome.ts`). */
export const isTransient = (error: unknown): boolean => isInterruption(error) || sqlState(error) === "55P03";
