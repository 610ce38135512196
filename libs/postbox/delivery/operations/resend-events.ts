import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../postgres/database.ts";
import { type Lost, resendBatch, resendSettled } from "../outbox/resend-settled.ts";
import { horizonDays } from "../retention/horizon.ts";
import { firstIdAt } from "../retention/least-id.ts";
import type { Actor } from "./dead-letters.ts";

/**
 * Sends a subscriber again what it answered since a moment: its database was restored from a backup, or failed over to
 * a copy that lacked its last commits, so that it knows nothing of what it had acknowledged. Who did it is written in
 * the same transaction.
 *
 * @returns how many events are sent again.
 */
export async function resendEvents(database: Database, lost: Lost, actor: Actor): Promise<number> {
  let total = 0;
  for (let after = firstIdAt(0); ; ) {
    const ids = await database.transaction(async (tx) => {
      const moved = await resendSettled(tx, lost, { after, horizonDays });
      if (moved.length > 0)
        await tx.query({
          text: "insert into operator_action (id, actor, action, subject, detail) values ($1, $2, 'resend', $3, $4)",
          values: [uuidv7(), actor, lost.target, JSON.stringify({ since: lost.since, events: moved.length })],
        });
      return moved;
    });
    total += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < resendBatch) return total;
  }
}
