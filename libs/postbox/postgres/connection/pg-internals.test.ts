import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { setup, type TestStack } from "postbox/testing";
import { backendPid, onErrorMessage, pgVersion, socketOf } from "./pg-internals.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await setup();
});
afterAll(() => stack?.stop());

/** A client that is not connected yet; its end is the test's own. */
function newClient(): pg.Client {
  const client = new pg.Client(stack.database("auth").options);
  client.on("error", () => undefined);
  return client;
}

test("the installed version of pg is the one whose source was read", () => {
  const { version } = createRequire(import.meta.url)("pg/package.json");
  expect(version).toBe(pgVersion);
});

test("the socket of a client leads to the server, and its end is the client's end", async () => {
  const client = newClient();
  await client.connect();
  expect(socketOf(client).remotePort).toBe(stack.database("auth").options.port);
  const ended = new Promise<void>((resolve) => client.once("end", resolve));
  socketOf(client).destroy();
  await ended;
});

test("a client knows the number of its server process once it is connected", async () => {
  const client = newClient();
  expect(backendPid(client)).toBeNull();
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  expect(backendPid(client)).toBe(rows[0]?.pid);
  await client.end();
});

test("an error of the server is heard, and may be changed, before its query rejects", async () => {
  const client = newClient();
  onErrorMessage(client, (error) => {
    error.detail = "changed";
  });
  await client.connect();
  const failing = client.query(
    "create temp table one (n int primary key); insert into one values (1); insert into one values (1)",
  );
  await expect(failing).rejects.toMatchObject({ code: "23505", detail: "changed" });
  await client.end();
});
