import * as messaging from "../../libs/postbox/delivery/schema/v4.ts";
import type { MigrationContext } from "../../libs/postbox/tools/migrations/migration.ts";

export async function up({ query }: MigrationContext): Promise<void> {
  for (const statement of messaging.up) await query(statement);
}

export async function down({ query }: MigrationContext): Promise<void> {
  for (const statement of messaging.down) await query(statement);
}
