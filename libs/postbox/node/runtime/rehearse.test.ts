import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { rehearse } from "./rehearse.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await setup();
});
afterAll(() => stack?.stop());

test("each connection that stands knows the statements of an event's way before the first event, and wrote nothing", async () => {
  const { options } = stack.database("auth");
  const database = new Database({ ...options, poolSize: 3, minConnections: 3 });
  await database.open(rehearse);
  const known = async () => {
    const { rows } = await database.query<{ pid: number; name: string }>({
      text: "select pg_backend_pid() as pid, name from pg_prepared_statements order by name",
    });
    return rows;
  };
  const begun = Array.from({ length: 3 }, () => database.transaction(known));
  const connections = await Promise.all(begun);
  expect(new Set(connections.flat().map(({ pid }) => pid)).size).toBe(3);
  for (const rows of connections)
    expect(rows.map(({ name }) => name)).toEqual([
      "inbox-insert-processed",
      "outbox-claim",
      "outbox-insert",
      "outbox-lock-reserved",
      "outbox-mark-published",
      "outbox-settle-processed",
    ]);
  for (const table of ["event_outbox", "event_inbox"])
    expect((await database.query({ text: `select from ${table}` })).rowCount).toBe(0);
  await database.close();
});

test("a database whose tables are missing does not open", async () => {
  const { options } = stack.database("auth");
  const database = new Database({ ...options, database: "postgres", poolSize: 1, minConnections: 1 });
  await expect(database.open(rehearse)).rejects.toThrow(/relation "event_outbox" does not exist/);
  await database.close();
});

test("a database without a server does not open, and says so once", async () => {
  const { options } = stack.database("auth");
  const database = new Database({ ...options, port: 1, poolSize: 3, minConnections: 3 });
  await expect(database.open(rehearse)).rejects.toThrow("ECONNREFUSED");
  await database.close();
});
