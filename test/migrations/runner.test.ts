import { rm } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { until } from "postbox/testing";
import { open } from "../../libs/postbox/tools/migrations/database/connect.ts";
import { type MigrationProject, migrationProject } from "./project.ts";

const first = { up: ["create table letter (id integer primary key)"], down: ["drop table letter"] };
const second = { up: ["alter table letter add column text text"], down: ["alter table letter drop column text"] };

const importing = `
import { sql } from "./schema/v1.ts";
export async function up({ query }) { await query(sql); }
export async function down({ query }) { await query("drop table letter"); }
`;

test("up makes the missing database, applies what is pending in order, and then has nothing to do", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.write("0002_text", second);

  expect(await project.migrate("up")).toEqual(["0001_letter", "0002_text"]);
  expect(await project.migrate("up")).toEqual([]);
  expect(await project.query("select id, text from letter")).toEqual([]);
  expect(project.reports).toEqual([
    expect.stringContaining("up 0001_letter (1 of 2)"),
    expect.stringContaining("up 0002_text (2 of 2)"),
  ]);
});

test("down takes the last migration back, or as many as are asked for", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.write("0002_text", second);
  await project.migrate("up");

  expect(await project.migrate("down")).toEqual(["0002_text"]);
  expect(await project.migrate("up")).toEqual(["0002_text"]);
  expect(await project.migrate("down", 2)).toEqual(["0002_text", "0001_letter"]);
  expect(await project.snapshot()).toEqual([]);
});

test("down of a database that is not there says so and makes none", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);

  expect(await project.migrate("down")).toEqual([]);

  expect(project.reports).toEqual([`there is no database '${project.target.database}'`]);
  await expect(open(project.target)).rejects.toMatchObject({ code: "3D000" });
});

test("of ten starters at once, one creates the database and runs each migration", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.write("0002_text", second);

  const ran = await Promise.all(Array.from({ length: 10 }, () => project.migrate("up")));

  expect(ran.filter((names) => names.length > 0)).toEqual([["0001_letter", "0002_text"]]);
});

test("a migration that fails half-way leaves the database as it was, and earlier ones applied", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.migrate("up");
  const before = await project.snapshot();
  await project.write("0002_broken", { up: ["create table stamp (id integer)", "select 1/0"], down: [] });

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-failed",
    message: expect.stringContaining("0002_broken up failed: division by zero. Nothing of it was kept; mend it"),
  });

  expect(await project.snapshot()).toEqual(before);
  expect(await project.query("select name from schema_migration")).toEqual([{ name: "0001_letter" }]);
});

test("a migration that swallows a database error is not taken for applied", async () => {
  await using project = await migrationProject();
  await project.write(
    "0001_swallows",
    `export async function up({ query }) { await query("select 1/0").catch(() => undefined); }
     export async function down() {}`,
  );

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-failed",
    message: expect.stringContaining("current transaction is aborted"),
  });
});

test.each([
  ["was changed after it was applied", "0001_letter", importing.replace("query(sql)", "query(sql + ' ')")],
  [
    "imports what was changed after it was applied",
    "schema/v1",
    `export const sql = "create table stamp (id integer)";`,
  ],
])("a migration that %s is refused", async (_, file, text) => {
  await using project = await migrationProject();
  await project.write("schema/v1", `export const sql = "create table letter (id integer)";`);
  await project.write("0001_letter", importing);
  await project.migrate("up");
  await project.write(file, text);

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-history",
    message: expect.stringContaining("'0001_letter' was changed after it was applied"),
  });
});

test("line ends of another system are no change to a migration", async () => {
  await using project = await migrationProject();
  await project.write("schema/v1", `export const sql = "create table letter (id integer)";`);
  await project.write("0001_letter", importing);
  await project.migrate("up");
  await project.write("0001_letter", importing.replaceAll("\n", "\r\n"));

  expect(await project.migrate("up")).toEqual([]);
});

test.each([
  [
    "an applied migration whose file is gone",
    { "0002_text": second },
    "'0001_letter' was applied but its file is gone",
  ],
  [
    "a pending migration that would run before an applied one",
    { "0000_early": first, "0001_letter": first },
    "'0000_early' comes before '0001_letter'",
  ],
])("%s is refused", async (_, files, message) => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.migrate("up");
  await emptied(project);
  for (const [name, text] of Object.entries(files)) await project.write(name, text);

  await expect(project.migrate("up")).rejects.toMatchObject({
    type: "migration-history",
    message: expect.stringContaining(message),
  });
});

test.each([
  ["a name out of shape", ["letter"], "is not named NNNN_name"],
  ["a number given twice", ["0001_letter", "0001_stamp"], "Two migrations have the number 0001"],
])("%s is refused before anything runs", async (_, names, message) => {
  await using project = await migrationProject();
  for (const name of names) await project.write(name, first);

  await expect(project.migrate("up")).rejects.toMatchObject({ message: expect.stringContaining(message) });
});

test("an older release starts on a newer database and says so, but cannot take its migrations back", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.write("0002_text", second);
  await project.migrate("up");
  await emptied(project);
  await project.write("0001_letter", first);

  expect(await project.migrate("up")).toEqual([]);
  expect(project.reports.at(-1)).toContain("a newer release has applied 0002_text");
  await expect(project.migrate("down")).rejects.toMatchObject({ message: expect.stringContaining("newer release") });
});

test("a concurrent migration builds its index outside a transaction, with other starters waiting", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.write(
    "0002_index",
    `export const concurrently = true;
     export async function up({ query }) { await query("create index concurrently if not exists letter_id on letter (id)"); }
     export async function down({ query }) { await query("drop index concurrently if exists letter_id"); }`,
  );

  await Promise.all(Array.from({ length: 4 }, () => project.migrate("up")));

  expect(await project.snapshot()).toContainEqual(expect.stringContaining("CREATE INDEX letter_id"));
});

test("an index that failed to build is not taken for built: the migration asks for its removal, then builds it", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", {
    up: ["create table letter (id integer)", "insert into letter values (1), (1)"],
    down: ["drop table letter"],
  });
  await project.write(
    "0002_index",
    `export const concurrently = true;
     export async function up({ query }) { await query("create unique index concurrently if not exists letter_id on letter (id)"); }
     export async function down({ query }) { await query("drop index concurrently if exists letter_id"); }`,
  );

  await expect(project.migrate("up")).rejects.toMatchObject({
    message: expect.stringContaining("0002_index up failed"),
  });
  expect(await project.snapshot()).toContainEqual(expect.stringMatching(/letter_id .* invalid$/));
  await project.query("truncate letter");
  await expect(project.migrate("up")).rejects.toMatchObject({
    message: expect.stringContaining('drop index concurrently "letter_id"'),
  });
  await project.query('drop index concurrently "letter_id"');

  expect(await project.migrate("up")).toEqual(["0002_index"]);
});

test("a busy table is not queued for: the migration steps back, lets others in, and comes again", async () => {
  await using project = await migrationProject();
  await project.write("0001_letter", first);
  await project.migrate("up");
  await project.write("0002_text", second);
  const holder = new pg.Client(project.target);
  await holder.connect();
  await holder.query("begin");
  await holder.query("select from letter");

  const running = project.migrate("up");
  await until(() => project.reports.some((line) => line.includes("waits for a busy table")), {});
  await project.query("select from letter");
  await holder.end();

  expect(await running).toEqual(["0002_text"]);
});

async function emptied(project: MigrationProject): Promise<void> {
  await rm(project.folder, { recursive: true });
}
