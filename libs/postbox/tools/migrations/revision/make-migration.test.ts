import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { DataTypes, literal } from "sequelize";
import { migrationProject } from "../../../../../test/migrations/project.ts";
import { id, named, table, uniqueColumn } from "../../../../../test/migrations/sample-models.ts";
import { checkMigrations } from "../schema/check-migrations.ts";
import type { ServiceModels } from "../schema/service-models.ts";
import { parseRename } from "./renames/rename.ts";

const letters: ServiceModels = {
  defineModels: (sequelize) =>
    sequelize.define("letter", { id, subject: { type: DataTypes.STRING(80), allowNull: false } }, named("letter")),
};

test("the first migration builds what the models describe, and a second make has nothing to do", async () => {
  await using project = await migrationProject();

  expect(await project.make(letters, "Keep letters")).toEqual({
    name: "0001_keep_letters.ts",
    losses: [],
    needs: [],
  });
  expect(await readFile(`${project.folder}/0001_keep_letters.ts`, "utf8")).toMatch(
    /^import type { MigrationContext } from "postbox\/migrations";\n/,
  );
  expect(await project.migrate("up")).toEqual(["0001_keep_letters"]);
  expect(await project.make(letters, "Again")).toBeUndefined();
  expect(await checkMigrations("test", project.target, { folder: project.folder, models: letters })).toEqual({
    missing: [],
    surplus: [],
  });
});

test("check names what the models describe and no migration builds, and the other way round", async () => {
  await using project = await migrationProject();
  await project.make(letters, "Keep letters");
  const changed: ServiceModels = {
    defineModels: (sequelize) => sequelize.define("letter", { id, topic: DataTypes.TEXT }, named("letter")),
  };

  const { missing, surplus } = await checkMigrations("test", project.target, {
    folder: project.folder,
    models: changed,
  });

  expect(missing).toEqual(["column letter.topic text"]);
  expect(surplus).toEqual(["column letter.subject character varying(80) not null"]);
});

test("enums, indexes, foreign keys, defaults, checks, comments, generated columns and partitions come through", async () => {
  await using project = await migrationProject();
  const rich: ServiceModels = {
    beforeTables: [
      "create table visit (at timestamptz not null, page text) partition by range (at)",
      "create table visit_2026 partition of visit for values from ('2026-01-01') to ('2027-01-01')",
    ],
    defineModels: (sequelize) => {
      const writer = sequelize.define("writer", { id, name: DataTypes.TEXT }, named("writer"));
      const letter = sequelize.define(
        "letter",
        {
          id,
          kind: { type: DataTypes.ENUM("note", "bill"), defaultValue: "note", allowNull: false },
          pages: {
            type: DataTypes.INTEGER,
            defaultValue: 1,
            comment: "sheets, not `sides`; it's $counted \\ by hand",
          },
          note: { type: DataTypes.TEXT, defaultValue: "it's\n\n   two; lines " },
          sentAt: { type: DataTypes.DATE, defaultValue: literal("now()") },
        },
        {
          ...named("letter"),
          comment: "what was\n\n  written",
          indexes: [
            { fields: ["kind"], where: { kind: "bill" }, name: "letter_bills" },
            { fields: ["pages", "kind"], unique: true },
          ],
        },
      );
      letter.belongsTo(writer, { foreignKey: "writer_id", onDelete: "CASCADE" });
    },
    afterTables: [
      "alter table letter add constraint letter_pages_check check (pages > 0)",
      "alter table letter add column sides integer generated always as (pages * 2) stored",
    ],
  };

  await project.make(rich, "Rich");
  await project.migrate("up");
  const schema = await project.snapshot();

  expect(schema).toEqual(
    expect.arrayContaining([
      "type enum_letter_kind as enum {note,bill}",
      "column letter.sides integer stored as (pages * 2)",
      "constraint letter.letter_pages_check CHECK ((pages > 0))",
      "comment on letter.pages is E'sheets, not `sides`; it''s $counted \\\\ by hand'",
      "comment on letter is 'what was\\n\\n  written'",
      "partitioned table visit RANGE (at)",
      "table visit_2026 partition of visit FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')",
      expect.stringMatching(/^index CREATE INDEX letter_bills .* WHERE \(kind = 'bill'::enum_letter_kind\)$/),
      expect.stringMatching(/^index CREATE UNIQUE INDEX letter_pages_kind/),
      expect.stringMatching(/^constraint letter\.letter_writer_id_fkey FOREIGN KEY .* ON DELETE CASCADE/),
    ]),
  );
  expect(await project.check(rich)).toBe("clean");
  await project.query("insert into letter (id) values ('00000000-0000-7000-8000-000000000001')");
  expect(await project.query("select note, sides from letter")).toEqual([{ note: "it's\n\n   two; lines ", sides: 2 }]);
  await project.migrate("down");
  expect((await project.snapshot()).filter((line) => /letter|writer|visit/.test(line))).toEqual([]);
});

test.each<[string, ServiceModels["defineModels"], string]>([
  ["a dropped table", () => undefined, "drops the table letter"],
  [
    "a dropped column",
    (sequelize) => sequelize.define("letter", { id }, named("letter")),
    "drops the column letter.subject",
  ],
  [
    "a narrowed column",
    (sequelize) =>
      sequelize.define("letter", { id, subject: { type: DataTypes.STRING(40), allowNull: false } }, named("letter")),
    "narrows letter.subject from character varying(80) to character varying(40)",
  ],
])("%s is refused without --allow-loss, and marked with it", async (_, defineModels, loss) => {
  await using project = await migrationProject();
  await project.make(letters, "Keep letters");

  await expect(project.make({ defineModels }, "Lose")).rejects.toMatchObject({
    type: "migration-loss",
    message: expect.stringContaining(loss),
  });
  expect(await project.make({ defineModels }, "Lose", { allowLoss: true })).toEqual({
    name: "0002_lose.ts",
    losses: [loss],
    needs: [],
  });
  expect(await readFile(`${project.folder}/0002_lose.ts`, "utf8")).toContain(`// LOSES DATA: ${loss}.`);
});

test("what a table with rows would refuse is marked, up and down, and what fills itself is not", async () => {
  await using project = await migrationProject();
  await project.make(letters, "Keep letters");
  const text = { type: DataTypes.TEXT, allowNull: false };
  const filled = { ...text, defaultValue: "" };
  const asking: ServiceModels["defineModels"] = (sequelize) =>
    sequelize.define("letter", { id, note: { ...text }, size: { ...filled }, draft: DataTypes.TEXT }, named("letter"));
  const stricter: ServiceModels["defineModels"] = (sequelize) =>
    sequelize.define("letter", { id, note: { ...text }, size: { ...filled }, draft: { ...text } }, named("letter"));
  const needs = "adds the column letter.note, which is not null and has no default";

  expect(await project.make({ defineModels: asking }, "Ask", { allowLoss: true })).toMatchObject({ needs: [needs] });
  expect(await project.make({ defineModels: stricter }, "Forbid")).toMatchObject({
    needs: ["forbids null in letter.draft"],
  });

  const [up = "", down] = (await readFile(`${project.folder}/0002_ask.ts`, "utf8")).split("export async function up");
  expect(up).toContain(`// NEEDS DATA: ${needs}.`);
  expect(down).toContain("// NEEDS DATA: adds the column letter.subject, which is not null and has no default.");
});

test("a rename keeps the data, and the names that come from the old one follow", async () => {
  await using project = await migrationProject();
  const [before, after] = [uniqueColumn("nick"), uniqueColumn("handle")];
  await project.make(before, "Keep people");
  await project.migrate("up");
  await project.query("insert into person values ('00000000-0000-7000-8000-000000000001', 'ada')");

  await expect(project.make(after, "Call it handle")).rejects.toMatchObject({
    type: "migration-loss",
    message: expect.stringContaining("--rename person.nick:handle"),
  });
  await project.make(after, "Call it handle", { renames: [parseRename("person.nick:handle")] });
  await project.migrate("up");

  expect(await project.query("select handle from person")).toEqual([{ handle: "ada" }]);
  expect(await project.snapshot()).toContain("constraint person.person_handle_key UNIQUE (handle)");
  await project.migrate("down");
  expect(await project.query("select nick from person")).toEqual([{ nick: "ada" }]);
});

test("a table and a column of it are renamed at once", async () => {
  await using project = await migrationProject();
  await project.make(uniqueColumn("nick"), "Keep people");
  await project.migrate("up");
  await project.query("insert into person values ('00000000-0000-7000-8000-000000000001', 'ada')");
  const renames = ["person:member", "member.nick:handle"].map(parseRename);

  await project.make(uniqueColumn("handle", "member"), "Call them members", { renames });
  await project.migrate("up");

  expect(await project.query("select handle from member")).toEqual([{ handle: "ada" }]);
  expect(await project.check(uniqueColumn("handle", "member"))).toBe("clean");
  await project.migrate("down");
  expect(await project.query("select nick from person")).toEqual([{ nick: "ada" }]);
});

test("a rename that was made before is refused, not passed over", async () => {
  await using project = await migrationProject();
  await project.make(uniqueColumn("handle"), "Keep people");

  await expect(
    project.make(uniqueColumn("handle"), "Again", { renames: [parseRename("person.nick:handle")] }),
  ).rejects.toMatchObject({ message: expect.stringContaining("'person.nick:handle' fits nothing") });
});

test("where somebody can answer, what could be a rename is asked", async () => {
  await using project = await migrationProject();
  await project.make(table("people"), "Keep people");
  const asked: unknown[] = [];

  await project.make(table("person"), "Singular", {
    isRename: async (candidate) => asked.push(candidate) > 0,
  });

  expect(asked).toEqual([{ table: "people", to: "person" }]);
  expect(await project.check(table("person"))).toBe("clean");
});

test("a rename of what does not exist, and a message that names no file, are refused before anything is written", async () => {
  await using project = await migrationProject();

  await expect(project.make(letters, "Keep", { renames: [parseRename("letter.x:y")] })).rejects.toMatchObject({
    message: expect.stringContaining("'letter.x:y' fits nothing"),
  });
  await expect(project.make(letters, "42")).rejects.toMatchObject({
    message: expect.stringContaining("gives no file name"),
  });
  expect(() => parseRename("a.b:c.d")).toThrow("is not a rename");
  expect(await project.make(letters, "Keep letters")).toMatchObject({ name: "0001_keep_letters.ts" });
});
