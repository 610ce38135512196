import type { MigrationContext } from "postbox/migrations";

/** A mail may go to an address that is no user's. */
export async function up({ query }: MigrationContext): Promise<void> {
  await query("alter table mail alter column recipient_id drop not null");
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query("update mail set recipient_id = '00000000-0000-0000-0000-000000000000' where recipient_id is null");
  await query("alter table mail alter column recipient_id set not null");
}
