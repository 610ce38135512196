import type { DatabaseOptions } from "./database-options.ts";

/**
 * The settings that each connection begins with, as startup parameters: they cost no statement. They are those of
 * requests, and hold for single statements. A transaction of another kind overrides them with its BEGIN.
 */
export function sessionSettings({ transactionIdleMs, limits }: DatabaseOptions): Readonly<Record<string, number>> {
  return {
    ...(transactionIdleMs !== undefined && { idle_in_transaction_session_timeout: transactionIdleMs }),
    ...(limits && { statement_timeout: limits.request.statementMs, lock_timeout: limits.request.lockMs }),
  };
}
