import { ConnectionError } from "sequelize";
import { errorCode } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";
import { HandlerStopped } from "../handlers/handler-errors.ts";

/**
 * Whether a run was ended by what is not the event's fault. No attempt is counted then.
 *
 * There was no connection to be had, the connection was lost (08), the server went down (57P0x) or is short of
 * something (53). Or the server ended a silent transaction (25P03), or the worker stops.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof HandlerStopped || error instanceof ConnectionError || isIdleTimeout(error)) return true;
  if (errorCode(error) === "connection-lost") return true;
  const state = sqlState(error) ?? "";
  return state.startsWith("08") || state.startsWith("57P0") || state.startsWith("53");
}

/** Postgres ended a transaction in which nothing came: this process stood still, or a handler kept it busy. */
export const isIdleTimeout = (error: unknown): boolean =>
  errorCode(error) === "transaction-idle" || sqlState(error) === "25P03";

/** An interruption, or a wait for another transaction's lock that took too long (55P03). */
export const isTransient = (error: unknown): boolean => isInterruption(error) || sqlState(error) === "55P03";
