import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { DataTypes } from "sequelize";

let stack: TestStack;
let auth: Database;
let users: Database;
beforeAll(async () => {
  stack = await setup();
  auth = stack.database("auth");
  users = stack.database("users");
  for (const database of [auth, users])
    await database.query({ text: "create table thing (id serial primary key, n integer)" });
});
beforeEach(async () => {
  for (const database of [auth, users]) await database.query({ text: "truncate thing" });
});
afterAll(() => stack.stop());

const insert = (database: Database, n: number) =>
  database.query({ text: "insert into thing (n) values ($1)", values: [n] });
const things = async (database: Database) =>
  (await database.query<{ n: number }>({ text: "select n from thing order by n" })).rows.map(({ n }) => n);
const modelOf = (database: Database) =>
  database.sequelize.define("thing", { n: DataTypes.INTEGER }, { tableName: "thing", timestamps: false });

test("statements, models and nested transactions of one service share its transaction", async () => {
  const Thing = modelOf(users);
  const work = users.transaction(async (tx) => {
    await insert(users, 1);
    await Thing.create({ n: 2 });
    await users.transaction(async (inner) => {
      expect(inner).toBe(tx);
      await inner.query({ text: "insert into thing (n) values (3)" });
    });
    expect(await things(users)).toEqual([1, 2, 3]);
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await things(users)).toEqual([]);
});

test("two services in one process do not share the current transaction", async () => {
  const Thing = modelOf(users);
  const work = auth.transaction(async () => {
    expect(users.current).toBeUndefined();
    await insert(users, 1);
    await Thing.create({ n: 2 });
    await insert(auth, 3);
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await things(users)).toEqual([1, 2]);
  expect(await things(auth)).toEqual([]);
});

test("work that is detached runs outside the transaction", async () => {
  await expect(
    users.transaction(async () => {
      await users.detached(() => insert(users, 1));
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await things(users)).toEqual([1]);
});

test("a COMMIT that the server answers with ROLLBACK is an error, and nothing that hangs on it happens", async () => {
  let committed = false;
  const work = users.transaction(async (tx) => {
    tx.afterCommit(() => {
      committed = true;
    });
    await insert(users, 1);
    await tx.query({ text: "select 1 / 0" }).catch(() => undefined);
  });
  await expect(work).rejects.toMatchObject({ type: "transaction-aborted" });
  expect(committed).toBe(false);
  expect(await things(users)).toEqual([]);
});

test("an error of a hook before the commit rolls back", async () => {
  const work = users.transaction(async (tx) => {
    tx.beforeCommit(async () => {
      throw new Error("not now");
    });
    await insert(users, 1);
  });
  await expect(work).rejects.toThrow("not now");
  expect(await things(users)).toEqual([]);
});

test("a statement after the end of its transaction is refused, and writes nothing", async () => {
  const tx = await users.transaction(async (open) => open);
  await expect(tx.query({ text: "insert into thing (n) values (1)" })).rejects.toMatchObject({
    type: "transaction-over",
  });
  expect(await things(users)).toEqual([]);
});

test("a transaction whose connection is killed fails, and the next one has another connection", async () => {
  const work = users.transaction(async (tx) => {
    await insert(users, 1);
    const { rows } = await tx.query<{ pid: number }>({ text: "select pg_backend_pid() as pid" });
    await auth.query({ text: "select pg_terminate_backend($1)", values: [rows[0]?.pid] });
    await tx.query({ text: "select 1" });
  });
  await expect(work).rejects.toThrow();
  await users.transaction(() => insert(users, 2));
  expect(await things(users)).toEqual([2]);
});

test("an abandoned transaction writes nothing, also what is under way", async () => {
  const work = users.transaction(async (tx) => {
    const slow = tx.query({ text: "insert into thing select 9, 9 from pg_sleep(30)" });
    tx.abandon();
    await slow;
  });
  await expect(work).rejects.toThrow();
  expect(await things(users)).toEqual([]);
});

test("the error of a statement tells who sent it", async () => {
  const error = await auth
    .transaction(async function asksForNothing(tx) {
      await tx.query({ text: "select from nothing" });
    })
    .catch((reason: Error) => reason);
  expect(error).toMatchObject({ stack: expect.stringContaining("asksForNothing") });
});
