import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import pg from "pg";
import type { Direction } from "../../libs/postbox/tools/migrations/authoring/migration.ts";
import { connect, type MigrationTarget } from "../../libs/postbox/tools/migrations/database/connect.ts";
import { type MakeOptions, makeMigration } from "../../libs/postbox/tools/migrations/revision/make-migration.ts";
import { migrate } from "../../libs/postbox/tools/migrations/running/migrate.ts";
import { checkMigrations } from "../../libs/postbox/tools/migrations/schema/check-migrations.ts";
import { type SchemaSnapshot, takeSnapshot } from "../../libs/postbox/tools/migrations/schema/schema-snapshot.ts";
import type { ServiceModels } from "../../libs/postbox/tools/migrations/schema/service-models.ts";
import { currentRun, runFolder } from "../harness/run.ts";

/** A service's folder of migrations and its database, for one test alone. The database does not exist at first. */
export interface MigrationProject extends AsyncDisposable {
  readonly folder: string;
  readonly target: MigrationTarget;
  /** What the runner reported, one line each. */
  readonly reports: string[];
  /** Writes `NNNN_name.ts` with these statements, or with this text. */
  write(name: string, text: string | { up: readonly string[]; down: readonly string[] }): Promise<void>;
  /** Writes the migration that leads to the models; undefined where there is nothing to do. */
  make(models: ServiceModels, message: string, options?: Partial<MakeOptions>): Promise<MadeFile | undefined>;
  /** Compares what the migrations build with the models. */
  check(models: ServiceModels): Promise<"clean" | object>;
  migrate(direction: Direction, steps?: number): Promise<string[]>;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  snapshot(): Promise<SchemaSnapshot>;
}

interface MadeFile {
  readonly name: string;
  readonly losses: readonly string[];
  readonly needs: readonly string[];
}

export async function migrationProject(given: { readonly folder?: string } = {}): Promise<MigrationProject> {
  const own = await runFolder("migrations");
  const folder = given.folder ?? own;
  const target = { ...currentRun().postgres, database: `migrations_${randomBytes(6).toString("hex")}` };
  const reports: string[] = [];
  const logger = { info: (line: string) => void reports.push(line), warn: (line: string) => void reports.push(line) };
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await connect(target);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    folder,
    target,
    reports,
    write: async (name, text) => {
      const path = join(folder, `${name}.ts`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof text === "string" ? text : source(text));
    },
    make: async (models, message, options) => {
      const base = { message, allowLoss: false, renames: [], folder, models };
      const made = await makeMigration("test", target, { ...base, ...options });
      return made && { name: basename(made.path), losses: made.losses, needs: made.needs };
    },
    check: async (models) => {
      const difference = await checkMigrations("test", target, { folder, models });
      return difference.missing.length + difference.surplus.length === 0 ? "clean" : difference;
    },
    migrate: (direction, steps = 1) => migrate("test", target, { direction, steps, logger, folder }),
    query: <Row extends pg.QueryResultRow>(sql: string) =>
      withClient(async (client) => (await client.query<Row>(sql)).rows),
    snapshot: () => withClient(takeSnapshot),
    [Symbol.asyncDispose]: async () => {
      await rm(own, { recursive: true, force: true });
      const client = new pg.Client({ ...currentRun().postgres, database: "postgres" });
      await client.connect();
      await client.query(`drop database if exists ${target.database} with (force)`);
      await client.end();
    },
  };
}

function source({ up, down }: { up: readonly string[]; down: readonly string[] }): string {
  const body = (statements: readonly string[]) =>
    statements.map((statement) => `  await query(${JSON.stringify(statement)});`).join("\n");
  return `export async function up({ query }) {\n${body(up)}\n}\n\nexport async function down({ query }) {\n${body(down)}\n}\n`;
}
