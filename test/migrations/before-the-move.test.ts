import { globSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { migrationsFolder } from "../../libs/postbox/tools/migrations/history/migration-files.ts";
import { migrationStatus } from "../../libs/postbox/tools/migrations/history/migration-status.ts";
import { checkMigrations } from "../../libs/postbox/tools/migrations/schema/check-migrations.ts";
import { schemaDrift } from "../../libs/postbox/tools/migrations/schema/schema-drift.ts";
import { type MigrationProject, migrationProject } from "./project.ts";

/**
 * Databases as the last release before the runtime's move left them: the statements of its migrations, its history with
 * its checksums, and a few rows.
 */
const fixtures = join(projectRoot(), "test/migrations/fixtures/before-the-move");
const services = globSync("*.sql", { cwd: fixtures }).map((file) => basename(file, ".sql"));
const clean = { missing: [], surplus: [] };

test.each(services)(
  "an older database of %s passes status, up, check, down and up again, and keeps its rows",
  async (service) => {
    await using project = await migrationProject({ folder: migrationsFolder(service) });
    await restore(project, service);
    const rows = await allRows(project);

    const applied = (await history(project)).map(({ name }) => name);
    const states = await migrationStatus(service, project.target);
    const later = states.filter(({ state }) => state === "pending").map(({ name }) => name);
    expect(states.map(({ name }) => name)).toEqual([...applied, ...later]);
    expect(await project.migrate("up")).toEqual(later);
    expect(await checkMigrations(service, project.target)).toEqual(clean);
    expect(await schemaDrift(service, project.target)).toEqual(clean);
    const last = [...applied, ...later].slice(-1);
    expect(await project.migrate("down")).toEqual(last);
    expect(await project.migrate("up")).toEqual(last);

    expect(await schemaDrift(service, project.target)).toEqual(clean);
    expect(await allRows(project)).toEqual(rows);
  },
);

test.each(services)(
  "the older release would start on a new database of %s: both record the same checksums",
  async (service) => {
    await using older = await migrationProject();
    await using newer = await migrationProject({ folder: migrationsFolder(service) });
    await restore(older, service);
    await newer.migrate("up");

    const known = await history(older);
    expect((await history(newer)).slice(0, known.length)).toEqual(known);
  },
);

test.each([
  ["a service's own", "0002_profiles", "username text not null", "username text"],
  ["the engine's", "0003_idempotency_keys", "engineSchema(2)", "engineSchema(3)"],
])("%s migration that was changed is refused by an older database", async (_, name, from, to) => {
  await using project = await withCopyOf("users");
  const text = await readFile(join(project.folder, `${name}.ts`), "utf8");
  expect(text).toContain(from);
  await project.write(name, text.replace(from, to));

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-history",
    message: expect.stringContaining(`'${name}' was changed after it was applied`),
  });
});

test("a further migration is applied to an older database, and its rows stay", async () => {
  await using project = await withCopyOf("users");
  await project.write("0006_further", {
    up: ["alter table event_inbox add column further integer not null default 0"],
    down: ["alter table event_inbox drop column further"],
  });

  expect(await project.migrate("up")).toEqual(["0006_further"]);
  expect(await project.query("select source, further from event_inbox")).toEqual([{ source: "auth", further: 0 }]);
  expect(await project.query("select username from profile")).toEqual([{ username: "ada" }]);
});

/** What `postbox migrate make` of the older release wrote, and the checksum that this release recorded. */
const made = {
  checksum: "0d5e1623c587efaf5d3bfa7bfad46e917e2f7063b64fec21e0b95e37c8360766",
  text: `import type { MigrationContext } from "../../libs/migrations/migration.ts";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(\`create table "public"."letter" (
    "id" uuid not null,
    "subject" text
  )\`);
  await query(\`CREATE UNIQUE INDEX letter_pkey ON public.letter USING btree (id)\`);
  await query(\`alter table "public"."letter" add constraint "letter_pkey" PRIMARY KEY using index "letter_pkey"\`);
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query(\`alter table "public"."letter" drop constraint "letter_pkey"\`);
  await query(\`drop index if exists "public"."letter_pkey"\`);
  await query(\`drop table "public"."letter"\`);
}
`,
};
const withEntrance = made.text.replace("../../libs/migrations/migration.ts", "postbox/migrations");

test.each([
  ["keeps its import of the types", made.text],
  ["takes the types from the entrance", withEntrance],
])("a team's own migration of the older release goes on where it %s", async (_, text) => {
  await using project = await migrationProject();
  await project.write("0001_keep_letters", text);
  await project.migrate("up");
  await project.query(`update schema_migration set checksum = '${made.checksum}'`);

  expect(await project.migrate("up")).toEqual([]);
  expect(await project.migrate("down")).toEqual(["0001_keep_letters"]);
});

test("a team's own migration that takes the types from the entrance and a further change with it is refused", async () => {
  await using project = await migrationProject();
  await project.write("0001_keep_letters", made.text);
  await project.migrate("up");
  await project.write("0001_keep_letters", withEntrance.replace(`"subject" text`, `"subject" text not null`));

  await expect(project.migrate("up")).rejects.toMatchObject({
    message: expect.stringContaining("'0001_keep_letters' was changed after it was applied"),
  });
});

test("an import of the engine's statements by their older path is refused by a message that says what to write", async () => {
  await using project = await migrationProject();
  await project.write("0001_messaging", `import * as messaging from "../../libs/messaging/schema/v1.ts";\n`);

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-history",
    message: expect.stringMatching(/v1\.ts', which does not exist\. .*engineSchema\(version\)/),
  });
});

async function restore(project: MigrationProject, service: string): Promise<void> {
  await project.query(await readFile(join(fixtures, `${service}.sql`), "utf8"));
}

/** An older database of the service, and a copy of the service's migrations that a test may change. */
async function withCopyOf(service: string): Promise<MigrationProject> {
  const project = await migrationProject();
  await cp(migrationsFolder(service), project.folder, { recursive: true });
  await restore(project, service);
  return project;
}

function history(project: MigrationProject) {
  return project.query<{ name: string; checksum: string }>("select name, checksum from schema_migration order by name");
}

/** Every row of every table but the history, as text. */
async function allRows(project: MigrationProject): Promise<string[]> {
  const tables = await project.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migration' order by 1",
  );
  const rows = [];
  for (const { name } of tables)
    rows.push(
      ...(await project.query<{ row: string }>(
        `select '${name} ' || to_jsonb(t)::text as row from ${name} t order by 1`,
      )),
    );
  return rows.map(({ row }) => row);
}
