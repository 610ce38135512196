import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "../harness/index.ts";

let stack: TestStack;

beforeEach(async () => {
  stack = await setup();
});

afterEach(() => stack.stop());

test("a test has databases of its own that can be written", async () => {
  const database = stack.database("auth");
  await database.query({ text: "create table mine (id int)" });
  const { rows } = await database.query({ text: "select current_database() as name" });
  expect(rows).toEqual([{ name: stack.config.AUTH_DATABASE }]);
});

test("the databases of the next test are untouched by this one", async () => {
  const { rows } = await stack.database("auth").query({ text: "select to_regclass('mine') as found" });
  expect(rows).toEqual([{ found: null }]);
});

test("a broker in this process and one in a process of its own reach each other over the test's NATS", async () => {
  const local = await stack.startServices([
    { name: "greeter", actions: { hello: { access: "public", handler: () => "hello" } } },
  ]);
  const spawned = await stack.spawnServices([]);
  await until(() => local.broker.registry.nodes.list({ onlyAvailable: true }).length === 2);
  spawned.signal("SIGKILL");
  expect(await spawned.ended).toBe("signal SIGKILL");
});
