import type pg from "pg";

/**
 * Whether the server takes no writes: it is a standby, as a demoted primary is, or an operator or a full disk has set
 * `default_transaction_read_only`.
 */
export async function isReadOnly(connection: pg.Client): Promise<boolean> {
  const { rows } = await connection.query<{ setting: string }>(
    "select current_setting('transaction_read_only') as setting",
  );
  return rows[0]?.setting === "on";
}
