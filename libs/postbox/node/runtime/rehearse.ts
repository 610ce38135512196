import { insertProcessed } from "../../delivery/inbox/rows/insert-processed.ts";
import { claimPending } from "../../delivery/outbox/claim-pending.ts";
import { insertRows } from "../../delivery/outbox/insert-rows.ts";
import { lockReserved } from "../../delivery/outbox/lock-reserved.ts";
import { markPublished } from "../../delivery/outbox/mark-published.ts";
import { settle } from "../../delivery/outbox/settle.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** The id of no event, so that nothing is settled. */
const nil = "00000000-0000-0000-0000-000000000000";

/**
 * Sends each statement on an event's way once, with nothing to do. On a connection where a statement is not prepared and its
 * tables have not been used, the statement takes ten times as long.
 */
export async function rehearse(tx: Transaction): Promise<void> {
  await insertRows(tx, [], new Map(), 0);
  await lockReserved(tx, []);
  await markPublished(tx, []);
  await claimPending(tx, 0, []);
  await settle(tx, "", [{ id: nil, generation: 0, status: "processed", attempts: 0, error: null }]);
  await insertProcessed(tx, []);
}
