import { engineStatements } from "../../../delivery/schema/engine-schema.ts";
import { Database } from "../../../postgres/database.ts";
import type { Scratch } from "../database/scratch.ts";
import type { ServiceModels } from "./service-models.ts";

/** Builds the engine's tables and the schema that the models describe. */
export async function buildModels({ target, client }: Scratch, models: ServiceModels): Promise<void> {
  for (const statement of [...engineStatements(), ...(models.beforeTables ?? [])]) await client.query(statement);
  const database = new Database({ ...target, poolSize: 1, applicationName: "postbox-migrations" });
  try {
    models.defineModels(database.sequelize);
    await database.sequelize.sync();
  } finally {
    await database.close();
  }
  for (const statement of models.afterTables ?? []) await client.query(statement);
}
