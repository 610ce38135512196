import type { Database } from "../../postgres/database.ts";

/** What could not be published directly may be claimed at once. */
export async function endReservation(database: Database, ids: readonly string[]): Promise<void> {
  await database.query({
    name: "outbox-end-hold",
    text: `update event_outbox set next_attempt_at = null
      where id = any($1::uuid[]) and status = 'pending' and send_number = 0`,
    values: [ids],
  });
}
