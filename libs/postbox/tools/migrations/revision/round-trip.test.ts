import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DataTypes, type ModelAttributeColumnOptions } from "sequelize";
import { type MigrationProject, migrationProject } from "../../../../../test/migrations/project.ts";
import { checkMigrations } from "../schema/check-migrations.ts";
import type { ServiceModels } from "../schema/service-models.ts";
import { makeMigration } from "./make-migration.ts";

/**
 * Each chain makes `changes` changes one after the other: 60 in all. The chains of a pair run at once, because a chain
 * spends most of its time waiting for Postgres.
 */
const pairs = 5;
const changes = 6;
const chain = () => fc.array(generatedSchema, { minLength: changes, maxLength: changes });

test("make, up, check, down and up again come out even for 60 generated changes of models", async () => {
  await fc.assert(
    fc.asyncProperty(chain(), chain(), async (...chains) => {
      await Promise.all(chains.map(runChain));
    }),
    { numRuns: pairs, endOnFailure: true },
  );
}, 900_000);

async function runChain(schemas: readonly GeneratedSchema[]): Promise<void> {
  await using project = await migrationProject();
  for (const schema of schemas) await roundTrip(project, toModels(schema));
}

async function roundTrip(project: MigrationProject, models: ServiceModels): Promise<void> {
  const before = await project.snapshot();
  const { folder, target } = project;
  const made = await makeMigration("test", target, { message: "Change", allowLoss: true, renames: [], folder, models });
  if (!made) return;

  await project.migrate("up");
  const after = await project.snapshot();
  const difference = await checkMigrations("test", target, { folder, models });
  await project.migrate("down");
  const back = await project.snapshot();
  await project.migrate("up");

  expect(difference).toEqual({ missing: [], surplus: [] });
  expect(back).toEqual(before);
  expect(await project.snapshot()).toEqual(after);
}

/** A model as data, so that a counterexample can be read. */
interface GeneratedColumn {
  readonly type: keyof typeof types;
  readonly nullable: boolean;
  readonly unique: boolean;
  readonly withDefault: boolean;
  readonly comment: string | undefined;
}

interface GeneratedTable {
  readonly columns: Readonly<Partial<Record<(typeof columnNames)[number], GeneratedColumn>>>;
  readonly index: "none" | "plain" | "unique" | "partial";
  readonly checked: boolean;
  readonly refersToFirst: boolean;
}

type GeneratedSchema = Readonly<Partial<Record<(typeof tableNames)[number], GeneratedTable>>>;

const tableNames = ["letter", "stamp", "order"] as const;
const columnNames = ["kind", "size", "sent_at", "note"] as const;

const types = {
  text: { type: () => DataTypes.TEXT, default: "it's" },
  short: { type: () => DataTypes.STRING(20), default: "a" },
  long: { type: () => DataTypes.STRING(200), default: "b" },
  integer: { type: () => DataTypes.INTEGER, default: 7 },
  bigint: { type: () => DataTypes.BIGINT, default: 8 },
  money: { type: () => DataTypes.DECIMAL(12, 2), default: 9.5 },
  flag: { type: () => DataTypes.BOOLEAN, default: true },
  time: { type: () => DataTypes.DATE, default: undefined },
  json: { type: () => DataTypes.JSONB, default: { a: [1] } },
  list: { type: () => DataTypes.ARRAY(DataTypes.TEXT), default: undefined },
  colour: { type: () => DataTypes.ENUM("red", "green"), default: "red" },
  inks: { type: () => DataTypes.ARRAY(DataTypes.ENUM("red", "green")), default: undefined },
  paints: { type: () => DataTypes.ARRAY(DataTypes.ENUM("green", "blue")), default: undefined },
  colours: { type: () => DataTypes.ENUM("red", "blue", "green"), default: "blue" },
} as const;

const column: fc.Arbitrary<GeneratedColumn> = fc.record({
  type: fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[])),
  nullable: fc.boolean(),
  unique: fc.boolean(),
  withDefault: fc.boolean(),
  comment: fc.option(fc.constantFrom("plain", "quote ' and \\ and ` and $x", "two\nlines"), { nil: undefined }),
});

const table: fc.Arbitrary<GeneratedTable> = fc.record({
  columns: fc.record({ kind: column, size: column, sent_at: column, note: column }, { requiredKeys: [] }),
  index: fc.constantFrom("none", "plain", "unique", "partial"),
  checked: fc.boolean(),
  refersToFirst: fc.boolean(),
});

/** Schemas over the same few names, so that two of them differ in every way that a change of models can. */
const generatedSchema: fc.Arbitrary<GeneratedSchema> = fc.record(
  { letter: table, stamp: table, order: table },
  { requiredKeys: [] },
);

function toModels(schema: GeneratedSchema): ServiceModels {
  const tables = tableNames.flatMap((name) => (schema[name] ? [{ name, ...schema[name] }] : []));
  return {
    defineModels: (sequelize) => {
      const models = tables.map(({ name, columns, index }) =>
        sequelize.define(
          name,
          {
            id: { type: DataTypes.UUID, primaryKey: true },
            ...Object.fromEntries(Object.entries(columns).map(attribute)),
          },
          { tableName: name, timestamps: false, indexes: indexes(columns, index) },
        ),
      );
      const [first] = models;
      for (const [position, { refersToFirst }] of tables.entries())
        if (first && refersToFirst && position > 0)
          models[position]?.belongsTo(first, { foreignKey: "first_id", onDelete: "CASCADE" });
    },
    afterTables: tables
      .filter(({ checked, columns }) => checked && columns.size?.type === "integer")
      .map(({ name }) => `alter table "${name}" add constraint ${name}_size_check check (size > 0)`),
  };
}

function attribute([name, { type, nullable, unique, withDefault, comment }]: [string, GeneratedColumn]) {
  const { type: dataType, default: value } = types[type];
  const options: ModelAttributeColumnOptions = {
    type: dataType(),
    allowNull: nullable,
    unique,
    ...(withDefault && value !== undefined && { defaultValue: value }),
    ...(comment !== undefined && { comment }),
  };
  return [name, options] as const;
}

function indexes(columns: GeneratedTable["columns"], kind: GeneratedTable["index"]) {
  const [name, first] = Object.entries(columns)[0] ?? [];
  if (name === undefined || kind === "none") return [];
  if (kind === "partial")
    return columns.kind?.type.startsWith("colour") ? [{ fields: [name], where: { kind: "red" } }] : [];
  return first?.type === "json" ? [] : [{ fields: [name], unique: kind === "unique" }];
}
