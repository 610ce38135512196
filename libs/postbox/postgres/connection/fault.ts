import { ConnectionError, DatabaseError } from "sequelize";
import { errorCode } from "../../core/errors/postbox-error.ts";
import { reasonOf } from "../../core/errors/reason.ts";
import { sqlState } from "./sql-state.ts";

/**
 * What is wrong with a database, as opposed to a statement that is wrong itself:
 *
 * - `stale`: a prepared statement of this connection is gone, or was prepared before its table changed.
 * - `read-only`: the server takes no writes, as a primary that was demoted.
 * - `away`: there is no connection to be had, it was lost, or the server lacks memory, disk or connections.
 * - `busy`: another transaction was in the way for too long, or a deadlock or serialization failure chose this one.
 *
 * Whoever sent the statement is not at fault. The same work may succeed later, and after the first two faults at once on
 * another connection: the statement has changed nothing.
 */
export type DatabaseFault = "stale" | "read-only" | "away" | "busy";

const stalePlan = "cached plan must not change result type";

/** SQLSTATEs of a fault. A key of two characters stands for its class. */
const faults: Readonly<Record<string, DatabaseFault>> = {
  "26000": "stale",
  "25006": "read-only",
  "08": "away",
  "53": "away",
  "58": "away",
  "57P01": "away",
  "57P02": "away",
  "57P03": "away",
  "57P04": "away",
  "57P05": "away",
  "55P03": "busy",
  "57014": "busy",
  "40001": "busy",
  "40P01": "busy",
};

/** Codes of this runtime's own errors. */
const ownFaults: Readonly<Record<string, DatabaseFault>> = {
  "connection-lost": "away",
  "postgres-unavailable": "away",
  "lock-timeout": "busy",
};

/** Codes of the operating system, and of `pg`, for a connection that broke. */
const lostCodes = new Set(["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);

/** What `pg` 8 and Sequelize say of a connection that broke, or of a pool that closes. */
const lostMessage =
  /^(Connection terminated|Client was closed|Client has encountered a connection error|timeout expired|pool is draining|Postgres has not answered)|after the connection manager was closed/;

/** What is wrong with the database; undefined for any other error. */
export function databaseFault(error: unknown): DatabaseFault | undefined {
  const own = errorCode(error);
  if (own !== undefined) return ownFaults[own];
  const state = sqlState(error);
  if (state === "0A000") return reasonOf(error).includes(stalePlan) ? "stale" : undefined;
  if (state !== undefined) {
    const known = faults[state] ?? faults[state.slice(0, 2)];
    return known ?? (error instanceof ConnectionError ? "away" : undefined);
  }
  if (error instanceof ConnectionError) return "away";
  const unwrapped = error instanceof DatabaseError ? error.parent : error;
  if (!(unwrapped instanceof Error)) return undefined;
  return lostCodes.has(String(Reflect.get(unwrapped, "code"))) || lostMessage.test(unwrapped.message)
    ? "away"
    : undefined;
}

/** Whether a connection that the server has answered so must not be used again. A server short of something goes on. */
export function endsUse(error: unknown): boolean {
  const fault = databaseFault(error);
  return fault === "stale" || fault === "read-only" || (fault === "away" && !/^5[38]/.test(sqlState(error) ?? ""));
}

/** The reason of a fault in a few words, with a server's own message: `the server is read-only`. */
export function faultReason(error: unknown): string {
  return databaseFault(error) === "read-only" ? "the server is read-only" : reasonOf(error);
}
