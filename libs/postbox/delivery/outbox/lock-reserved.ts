import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Published } from "./mark-published.ts";

/**
 * Locks the rows that were published directly and are still as they were sent, and leaves the others alone:
 *
 * - Rows that are no longer `pending`: their subscriber has answered already, as most have.
 * - Rows with another send number: an operator has sent them again.
 * - Rows that another transaction has locked: that collector or relay moves them.
 *
 * @returns those that are locked now.
 */
export async function lockReserved(transaction: Transaction, published: readonly Published[]): Promise<Published[]> {
  const { rows } = await transaction.query<{ id: string }>({
    name: "outbox-lock-reserved",
    text: `select o.id from event_outbox o
      join unnest($1::uuid[], $2::int[]) as sent (id, send_number) on o.id = sent.id and o.send_number = sent.send_number
      where o.status = 'pending'
      order by o.id
      for update of o skip locked`,
    values: [published.map(({ id }) => id), published.map(({ sendNumber }) => sendNumber)],
  });
  const locked = new Set(rows.map(({ id }) => id));
  return published.filter(({ id }) => locked.has(id));
}
