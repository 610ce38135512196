import { errorCode } from "../../../core/errors/postbox-error.ts";
import { databaseFault } from "../../../postgres/connection/fault.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";
import { HandlerStopped } from "../handlers/handler-errors.ts";

/** SQLSTATE of a prepared statement that is gone. It went with an aborted transaction, or with the connection. */
const noSuchStatement = "26000";

/**
 * Whether a run was ended by what is not the event's fault. No attempt is counted then.
 *
 * The database was away, took no writes, or had changed under a prepared statement. Or the server ended a silent
 * transaction (25P03), or the worker stops.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof HandlerStopped || isIdleTimeout(error)) return true;
  const fault = databaseFault(error);
  return fault !== undefined && fault !== "busy" && sqlState(error) !== noSuchStatement;
}

/** Postgres ended a transaction in which nothing came: this process stood still, or a handler kept it busy. */
export const isIdleTimeout = (error: unknown): boolean =>
  errorCode(error) === "transaction-idle" || sqlState(error) === "25P03";

/** Whether a transaction waited for another one's lock for too long. */
export const isLockTimeout = (error: unknown): boolean =>
  errorCode(error) === "lock-timeout" || sqlState(error) === "55P03";

/** An interruption, a wait for a lock that took too long, or a prepared statement that is gone. */
export const isTransient = (error: unknown): boolean =>
  isInterruption(error) || isLockTimeout(error) || sqlState(error) === noSuchStatement;
