import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";

let stack: TestStack;
let users: Database;
beforeAll(async () => {
  stack = await setup({ env: { TRANSACTION_IDLE_MS: "1000" } });
  users = stack.database("users");
  await users.query({ text: "create table thing (n integer)" });
  await users.query({ text: "insert into thing values (0)" });
});
afterAll(() => stack.stop());

const increment = () => users.query({ text: "update thing set n = n + 1" });

test("a transaction that waits for something else for ever is ended, and its locks and connection are free again", async () => {
  const late: Promise<unknown>[] = [];
  const hang = (forever: Promise<never>) =>
    users.transaction(async () => {
      await increment();
      late.push(forever.catch(increment));
      await forever;
    });
  // One more than there are connections, all for one row: the last has both only when the others have lost them.
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<never>());
  const results = await Promise.allSettled(ends.map(({ promise }) => hang(promise)));
  for (const result of results)
    expect(result).toMatchObject({
      status: "rejected",
      reason: { type: "transaction-idle", message: expect.stringContaining("raise TRANSACTION_IDLE_MS") },
    });
  await users.transaction(increment);

  // What one of them does when it goes on after all writes nothing.
  for (const { reject } of ends) reject(new Error("at last"));
  const statuses = (await Promise.allSettled(late)).map(({ status }) => status);
  expect(statuses).toEqual(Array.from({ length: 5 }, () => "rejected"));
  expect((await users.query({ text: "select n from thing" })).rows).toEqual([{ n: 1 }]);
});
