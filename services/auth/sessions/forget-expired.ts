import type { Queryable } from "postbox";

/** Rows that one statement deletes at most. So many take milliseconds. */
const batch = 1_000;

const tables = [
  { table: "session", id: "id", end: "expires_at" },
  { table: "access_token", id: "jti", end: "expires_at" },
  { table: "link", id: "token_hash", end: "expires_at" },
  { table: "known_client", id: "account_id, client", end: "expires_at" },
  { table: "password_attempt", id: "scope", end: "ends_at" },
];

/** Deletes expired sessions, tokens, links, known clients and counts. They have no effect any more: this saves space only. */
export async function forgetExpired(db: Queryable, signal: AbortSignal): Promise<void> {
  for (const { table, id, end } of tables) {
    let deleted = batch;
    while (deleted === batch && !signal.aborted) {
      const { rowCount } = await db.query({
        name: `forget-expired-${table}`,
        // Locked rows are skipped. Whoever ends a session locks rows in another order; waiting could be a deadlock.
        text: `delete from ${table} where (${id}) in (
          select ${id} from ${table} where ${end} < now() limit $1 for update skip locked)`,
        values: [batch],
      });
      deleted = rowCount ?? 0;
    }
  }
}
