import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Published } from "./mark-published.ts";

/**
 * Takes the lock of rows that were published directly, as far as they are still what was sent: most were settled
 * meanwhile, and some perhaps sent again since, by an operator. What somebody else has in hand, a relay that claimed it
 * after its hold or a collector, is theirs to move.
 */
export async function lockReserved(transaction: Transaction, published: readonly Published[]): Promise<Published[]> {
  const { rows } = await transaction.query<{ id: string }>({
    name: "outbox-lock-held",
    text: `select o.id from event_outbox o
      join unnest($1::uuid[], $2::int[]) as sent (id, send_number) on o.id = sent.id and o.send_number = sent.send_number
      where o.status = 'pending'
      order by o.id
      for update of o skip locked`,
    values: [published.map(({ id }) => id), published.map(({ sendNumber }) => sendNumber)],
  });
  const held = new Set(rows.map(({ id }) => id));
  return published.filter(({ id }) => held.has(id));
}
