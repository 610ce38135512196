import type { Database } from "../../../postgres/database.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { Outcome } from "../plan/outcome.ts";
import { asProcessed } from "../rows/mark-processed.ts";
import type { StoredRow } from "../rows/stored-row.ts";

/**
 * Marks a claimed event as processed, in the transaction of its effects, unless somebody else has claimed the event
 * since.
 *
 * @returns whether the row was written. If not, the transaction must not commit.
 */
export async function recordProcessed(transaction: Transaction, row: StoredRow): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: "inbox-record-processed",
    text: `update event_inbox set ${asProcessed}
      where id = $1 and generation = $2 and started_at = $3 and status = 'failed'`,
    values: [row.id, row.generation, row.started_at],
  });
  return (rowCount ?? 0) > 0;
}

/**
 * Writes how the run of a claimed event ended, unless somebody else has claimed the event since. A worker that was
 * frozen beyond its lease must not undo what its successor has written.
 *
 * The crashes of an event that is not dead are cleared: its run has ended, and the process lives. Interruptions are
 * cleared by any outcome that does not count one.
 *
 * @returns whether the row was written.
 */
export async function recordOutcome(database: Database, row: StoredRow, outcome: Outcome): Promise<boolean> {
  const { attempts, error, dueInMs, interruptions } = {
    attempts: row.attempts,
    error: row.error_message,
    dueInMs: null,
    interruptions: 0,
    ...outcome,
  };
  const { rowCount } = await database.query({
    name: "inbox-record-outcome",
    text: `update event_inbox set status = $4, attempts = $5, error_message = $6, started_at = null,
        crashes = case $4 when 'dead' then crashes else 0 end, interruptions = $8,
        next_attempt_at = now() + $7::int * interval '1 ms'
      where id = $1 and generation = $2 and started_at = $3 and status = 'failed'`,
    values: [row.id, row.generation, row.started_at, outcome.status, attempts, error, dueInMs, interruptions],
  });
  return (rowCount ?? 0) > 0;
}

/**
 * Makes a claimed event due in `ms` milliseconds, unless somebody else has claimed the event since. The event stays
 * marked as begun.
 *
 * @returns whether the row was written.
 */
export async function postpone(database: Database, row: StoredRow, ms: number): Promise<boolean> {
  const { rowCount } = await database.query({
    name: "inbox-postpone",
    text: `update event_inbox set next_attempt_at = now() + $4::int * interval '1 ms'
      where id = $1 and generation = $2 and started_at = $3 and status = 'failed'`,
    values: [row.id, row.generation, row.started_at, ms],
  });
  return (rowCount ?? 0) > 0;
}
