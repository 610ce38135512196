import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import { startPostgres } from "./postgres.ts";

let closed: string;

beforeEach(async () => {
  closed = await mkdtemp(join(tmpdir(), "postbox-closed-"));
});

afterEach(() => rm(closed, { recursive: true, force: true }));

test("Postgres runs from a home in a folder of mode 0700, keeps its data there, and loses them with the home", async () => {
  const home = join(closed, "home");
  const tables = async () => {
    await mkdir(home, { recursive: true });
    const { process, ...server } = await startPostgres({ home, maxConnections: 20, durable: false });
    const client = new pg.Client({ ...server, database: "postgres" });
    await client.connect();
    const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'");
    await client.query("create table if not exists kept ()");
    await client.end();
    await process.stop();
    return rows;
  };
  expect(await tables()).toEqual([]);
  expect(await tables()).toEqual([{ tablename: "kept" }]);
  await rm(home, { recursive: true });
  expect(await tables()).toEqual([]);
});
