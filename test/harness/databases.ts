import { randomBytes } from "node:crypto";
import pg from "pg";
import { databaseVariable, serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { migrate } from "../../libs/postbox/tools/migrations/running/migrate.ts";
import { type TestRun, templateOf } from "./run.ts";

/** A database a service, by the variable that names it: `{ AUTH_DATABASE: "auth_1f0c", … }`. */
export type TestDatabases = Readonly<Record<string, string>>;

/** Copies the migrated template of every service, under names of this test's own. */
export async function copyTemplates({ postgres }: TestRun): Promise<TestDatabases> {
  const named = newNames();
  await administer(postgres, async (client) => {
    for (const [service, name] of named)
      await client.query(`create database ${name} template ${templateOf(service)} strategy file_copy`);
  });
  return Object.fromEntries(named.map(([service, name]) => [databaseVariable(service), name]));
}

/** Makes and migrates a database of an ICU locale for every service; a copy would have the template's locale. */
export async function makeLocalized({ postgres }: TestRun, locale: string): Promise<TestDatabases> {
  const named = newNames();
  await administer(postgres, async (client) => {
    for (const [, name] of named)
      await client.query(
        `create database ${name} template template0 locale_provider icu icu_locale '${locale}' locale 'C'`,
      );
  });
  const logger = { info() {}, warn() {} };
  for (const [service, database] of named)
    await migrate(service, { ...postgres, database }, { direction: "up", logger });
  return Object.fromEntries(named.map(([service, name]) => [databaseVariable(service), name]));
}

function newNames(): (readonly [service: string, database: string])[] {
  const suffix = randomBytes(6).toString("hex");
  return serviceNames().map((service) => [service, `${service}_${suffix}`]);
}

export async function dropDatabases({ postgres }: TestRun, databases: TestDatabases): Promise<void> {
  await administer(postgres, async (client) => {
    for (const name of Object.values(databases)) await client.query(`drop database if exists ${name} with (force)`);
  });
}

async function administer(server: TestRun["postgres"], work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ ...server, database: "postgres" });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
