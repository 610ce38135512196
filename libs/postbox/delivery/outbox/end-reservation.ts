import type { Database } from "../../postgres/database.ts";

/** Ends the reservation of rows that could not be published directly: any relay may claim these rows at once. */
export async function endReservation(database: Database, ids: readonly string[]): Promise<void> {
  await database.query({
    name: "outbox-end-reservation",
    text: `update event_outbox set next_attempt_at = null
      where id = any($1::uuid[]) and status = 'pending' and send_number = 0`,
    values: [ids],
  });
}
