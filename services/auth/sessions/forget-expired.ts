import type { Queryable } from "postbox";

/** Rows that one statement deletes: few enough to be over in milliseconds. */
const batch = 1_000;

const tables = [
  { table: "session", id: "id", end: "expires_at" },
  { table: "access_token", id: "jti", end: "expires_at" },
  { table: "link", id: "token_hash", end: "expires_at" },
  { table: "password_attempt", id: "scope", end: "ends_at" },
];

/** Deletes sessions, tokens, links and counts whose time is over. None of them works any more: this only tidies. */
export async function forgetExpired(db: Queryable, signal: AbortSignal): Promise<void> {
  for (const { table, id, end } of tables) {
    let deleted = batch;
    while (deleted === batch && !signal.aborted) {
      const { rowCount } = await db.query({
        name: `forget-expired-${table}`,
        // Rows that a session's end holds are left to it: waiting for them in another order would be a deadlock.
        text: `delete from ${table} where ${id} in (
          select ${id} from ${table} where ${end} < now() limit $1 for update skip locked)`,
        values: [batch],
      });
      deleted = rowCount ?? 0;
    }
  }
}
