import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Database, type DatabaseOptions } from "postbox";
import { setup, type TestStack, until } from "postbox/testing";
import { ConnectionAcquireTimeoutError } from "sequelize";
import { backendPid } from "../connection/pg-internals.ts";
import { limitsByKind } from "../connection/work-kind.ts";
import { ConnectionPool } from "./connection-pool.ts";

let stack: TestStack;
let options: DatabaseOptions;
beforeAll(async () => {
  stack = await setup();
  ({ options } = stack.database("auth"));
});
afterAll(() => stack?.stop());

/** A pool of its own; closed at the end of the test. */
function open(changes: Partial<DatabaseOptions>) {
  const pool = new ConnectionPool({ ...options, ...changes }, () => null);
  return { pool, [Symbol.asyncDispose]: () => pool.sequelize.close() };
}

test("requests leave connections to the runtime, and wait for one another in their order", async () => {
  await using opened = open({ poolSize: 6, acquireMs: 300 });
  const { pool } = opened;
  const held = await Promise.all([1, 2, 3, 4].map(() => pool.acquire("request")));
  await expect(pool.acquire("request")).rejects.toThrow(ConnectionAcquireTimeoutError);
  // A model takes its connections by itself, as a request.
  await expect(pool.sequelize.query("select 1")).rejects.toThrow(ConnectionAcquireTimeoutError);
  const own = await Promise.all([pool.acquire("relay"), pool.acquire("batch")]);
  const order: string[] = [];
  const next = ["first", "second"].map((name) =>
    pool.acquire("request").then((connection) => {
      order.push(name);
      pool.release(connection);
    }),
  );
  for (const connection of held) pool.release(connection);
  await Promise.all(next);
  expect(order).toEqual(["first", "second"]);
  for (const connection of own) pool.release(connection);
  // What was given back may be taken again, all of it.
  for (const connection of await Promise.all([1, 2, 3, 4].map(() => pool.acquire("request")))) pool.release(connection);
});

test("a connection that has reached its age is replaced, a standing one too, but not while it is in use", async () => {
  await using opened = open({ poolSize: 4, minConnections: 1, connectionAgeMs: 300 });
  const { pool } = opened;
  const standing = await pool.acquire("relay");
  const pid = backendPid(standing);
  pool.release(standing);
  const used = await pool.acquire("batch");
  const isOpen = async () => {
    const { rows } = await stack.database("auth").query({
      text: "select from pg_stat_activity where pid = $1",
      values: [pid],
    });
    return rows.length > 0;
  };
  expect(backendPid(used)).toBe(pid);
  await until(
    async () =>
      (
        await used.query<{ old: boolean }>({
          text: "select now() - backend_start > interval '400 ms' as old from pg_stat_activity where pid = pg_backend_pid()",
        })
      ).rows[0]?.old,
  );
  expect(await isOpen()).toBe(true);
  pool.release(used);
  await until(async () => !(await isOpen()));
  const idle = await pool.acquire("relay");
  const next = backendPid(idle);
  pool.release(idle);
  await until(async () => {
    const { rows } = await stack.database("auth").query({
      text: "select from pg_stat_activity where pid = $1",
      values: [next],
    });
    return rows.length === 0;
  });
});

test("statements have the limits of their kind of work", async () => {
  const { config } = stack;
  const database = new Database({ ...options, limits: limitsByKind(config) });
  const limitsOf = async (db: Database) => {
    const { rows } = await db.query<{ text: string }>({
      text: "select concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout')) as text",
    });
    return rows[0]?.text;
  };
  expect(await limitsOf(database)).toBe("9s 3s");
  expect(await database.transaction(() => limitsOf(database))).toBe("9s 3s");
  for (const [kind, limits] of [
    ["batch", "1min 30s"],
    ["relay", "30s 10s"],
    ["job", "0 1min"],
  ] as const)
    expect(await database.as(kind).transaction(() => limitsOf(database))).toBe(limits);
  expect(await limitsOf(database.as("job"))).toBe("0 1min");
  await database.close();
});
