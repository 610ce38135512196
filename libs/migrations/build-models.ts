import { readdir } from "node:fs/promises";
import { Database } from "../database/database.ts";
import type { Scratch } from "./scratch.ts";
import type { ServiceModels } from "./service-models.ts";

const engineSchema = new URL("../messaging/schema/", import.meta.url);

/** Builds the schema that the models describe, on top of the delivery engine's own tables. */
export async function buildModels({ target, client }: Scratch, models: ServiceModels): Promise<void> {
  for (const statement of [...(await engineStatements()), ...(models.beforeTables ?? [])])
    await client.query(statement);
  const database = new Database({ ...target, poolSize: 1, applicationName: "postbox-migrations" });
  try {
    models.defineModels(database.sequelize);
    await database.sequelize.sync();
  } finally {
    await database.close();
  }
  for (const statement of models.afterTables ?? []) await client.query(statement);
}

/** The statements of every version of the engine's schema, in order: `v1.ts`, `v2.ts`. */
async function engineStatements(): Promise<string[]> {
  const versions = (await readdir(engineSchema))
    .filter((name) => /^v\d+\.ts$/.test(name))
    .sort((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10));
  const statements: string[] = [];
  for (const name of versions) {
    const { up }: { up: readonly string[] } = await import(new URL(name, engineSchema).href);
    statements.push(...up);
  }
  return statements;
}
