import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { KnownRow } from "../plan/plan.ts";

const columns: Readonly<Record<keyof KnownRow, string>> = {
  id: "id",
  status: "status",
  generation: "generation",
  payload_hash: "payload_hash",
  attempts: "attempts",
  error_message: "error_message",
};

/**
 * Reads the rows of these events, by id. They are locked, in sorted order, so that nobody else changes them meanwhile.
 */
export async function readKnown(transaction: Transaction, ids: readonly string[]): Promise<Map<string, KnownRow>> {
  const { rows } = await transaction.query<KnownRow>({
    name: "inbox-read-known",
    text: `select ${Object.values(columns).join(", ")} from event_inbox
      where id = any($1::uuid[]) order by id for update`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
