import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { connect, type MigrationTarget } from "../../libs/postbox/tools/migrations/connect.ts";
import { migrate } from "../../libs/postbox/tools/migrations/migrate.ts";
import type { Direction } from "../../libs/postbox/tools/migrations/migration.ts";
import { type SchemaSnapshot, takeSnapshot } from "../../libs/postbox/tools/migrations/schema-snapshot.ts";
import { currentRun, runFolder } from "../harness/run.ts";

/** A folder of migrations and a database for one test alone. The database does not exist at first. */
export interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly target: MigrationTarget;
  /** What the runner said, one line each. */
  readonly said: string[];
  /** Writes `NNNN_name.ts` with these statements, or with this text. */
  write(name: string, text: string | { up: readonly string[]; down: readonly string[] }): Promise<void>;
  migrate(direction: Direction, steps?: number): Promise<string[]>;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  snapshot(): Promise<SchemaSnapshot>;
}

export async function ground(given: { readonly folder?: string } = {}): Promise<Ground> {
  const own = await runFolder("migrations");
  const folder = given.folder ?? own;
  const target = { ...currentRun().postgres, database: `migrations_${randomBytes(6).toString("hex")}` };
  const said: string[] = [];
  const logger = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) };
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
    said,
    write: async (name, text) => {
      const path = join(folder, `${name}.ts`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, typeof text === "string" ? text : source(text));
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
