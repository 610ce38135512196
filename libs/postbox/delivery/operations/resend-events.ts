import type { Database } from "../../postgres/database.ts";
import { type LostAnswers, resendBatch, resendSettled } from "../outbox/resend-settled.ts";
import { firstIdAt } from "../retention/first-id-at.ts";
import { horizonDays } from "../retention/horizon.ts";
import { type Actor, recordActions } from "./record-actions.ts";

/**
 * Sends a subscriber the events again that it has answered since a moment. An operator does so when the subscriber's
 * database has lost commits: it was restored from a backup, or failed over to a replica that lagged behind.
 *
 * Each transaction writes the operator's action beside the rows that it moves.
 *
 * @returns how many events are sent again.
 */
export async function resendEvents(database: Database, lost: LostAnswers, actor: Actor): Promise<number> {
  let total = 0;
  for (let after = firstIdAt(0); ; ) {
    const ids = await database.transaction(async (tx) => {
      const moved = await resendSettled(tx, lost, { after, horizonDays });
      if (moved.length > 0) {
        const detail = { since: lost.since, events: moved.length };
        await recordActions(tx, { actor, action: "resend", subjects: [lost.target], detail });
      }
      return moved;
    });
    total += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < resendBatch) return total;
  }
}
