import { randomBytes } from "node:crypto";
import pg from "pg";
import { databaseVariable, serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { type TestRun, templateOf } from "./run.ts";

/** A database a service, by the variable that names it: `{ AUTH_DATABASE: "auth_1f0c", … }`. */
export type TestDatabases = Readonly<Record<string, string>>;

/** Copies the migrated template of every service, under names of this test's own. */
export async function copyTemplates({ postgres }: TestRun): Promise<TestDatabases> {
  const suffix = randomBytes(6).toString("hex");
  const named = serviceNames().map((service) => [service, `${service}_${suffix}`] as const);
  await administer(postgres, async (client) => {
    for (const [service, name] of named)
      await client.query(`create database ${name} template ${templateOf(service)} strategy file_copy`);
  });
  return Object.fromEntries(named.map(([service, name]) => [databaseVariable(service), name]));
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
