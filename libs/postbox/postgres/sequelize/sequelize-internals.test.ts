import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type pg from "pg";
import { setup, type TestStack } from "postbox/testing";
import { DataTypes, QueryTypes, type Sequelize, Transaction } from "sequelize";
import { backendPid } from "../connection/pg-internals.ts";
import { markUnusable } from "../connection/unusable.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { guardedTransaction, markFinished, sequelizeVersion, transactionOn } from "./sequelize-internals.ts";

let stack: TestStack;
let pool: ConnectionPool;
let sequelize: Sequelize;
let connection: pg.Client;
let current: Transaction | null = null;
beforeAll(async () => {
  stack = await setup();
  pool = new ConnectionPool(stack.database("auth").options, () => current);
  ({ sequelize } = pool);
  connection = await pool.acquire("request");
});
afterAll(async () => {
  pool?.release(connection);
  await sequelize?.close();
  await stack?.stop();
});

/** The server process that serves a query with these options. */
async function servedBy(transaction?: Transaction): Promise<number | undefined> {
  const [row] = await sequelize.query<{ pid: number }>("select pg_backend_pid() as pid", {
    type: QueryTypes.SELECT,
    ...(transaction && { transaction }),
  });
  return row?.pid;
}

test("the installed version of Sequelize is the one whose source was read", () => {
  const { version } = createRequire(import.meta.url)("sequelize/package.json");
  expect(version).toBe(sequelizeVersion);
});

test("a released connection is acquired again, and a destroyed or an unusable one is not", async () => {
  const first = await pool.acquire("relay");
  pool.release(first);
  const second = await pool.acquire("relay");
  expect(second).toBe(first);
  await pool.destroy(second);
  const third = await pool.acquire("relay");
  expect(third).not.toBe(second);
  markUnusable(third);
  pool.release(third);
  const fourth = await pool.acquire("relay");
  expect(fourth).not.toBe(third);
  pool.release(fourth);
});

test("statements of a transaction run on its connection until it is marked as finished", async () => {
  const transaction = transactionOn(sequelize, connection);
  expect(await servedBy(transaction)).toBe(backendPid(connection));
  markFinished(transaction, "commit");
  await expect(servedBy(transaction)).rejects.toThrow("commit has been called on this transaction");
});

test("a guarded transaction is a transaction that may refuse each statement, also once the original has ended", async () => {
  const original = transactionOn(sequelize, connection);
  let refused = false;
  const guarded = guardedTransaction(original, () => {
    if (refused) throw new Error("the part is over");
  });
  expect(guarded).toBeInstanceOf(Transaction);
  expect(await servedBy(guarded)).toBe(backendPid(connection));
  refused = true;
  await expect(servedBy(guarded)).rejects.toThrow("the part is over");
  markFinished(original, "rollback");
  await expect(servedBy(guardedTransaction(original, () => undefined))).rejects.toThrow("rollback has been called");
});

test("queries and models join the current transaction, and only that one", async () => {
  expect(await servedBy()).not.toBe(backendPid(connection));
  const Process = sequelize.define("process", { pid: DataTypes.INTEGER }, { tableName: "process", timestamps: false });
  await connection.query("create temp table process (id serial primary key, pid int default pg_backend_pid())");
  current = transactionOn(sequelize, connection);
  try {
    expect(await servedBy()).toBe(backendPid(connection));
    // The temporary table exists on this connection alone.
    await Process.create({});
    expect(await Process.count()).toBe(1);
    expect(await Process.update({ pid: 0 }, { where: {} })).toEqual([1]);
    expect(await Process.findOne({ raw: true })).toMatchObject({ pid: 0 });
  } finally {
    current = null;
  }
  await expect(Process.count()).rejects.toThrow('relation "process" does not exist');
});
