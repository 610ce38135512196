import type { Queryable } from "postbox";

interface RecipientRow {
  readonly username: string;
  readonly email: string;
}

/**
 * Where to write to a user. What is asked for a user comes after the news of the user, by its key; so an unknown one is
 * a fault, not a delay.
 */
export async function findRecipient(tx: Queryable, id: string): Promise<RecipientRow> {
  const { rows } = await tx.query<RecipientRow>({
    name: "find-recipient",
    text: "select username, email from recipient where id = $1",
    values: [id],
  });
  if (!rows[0]) throw new Error(`There is no recipient ${id}; its create.user has not been handled.`);
  return rows[0];
}
