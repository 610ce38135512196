import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { handle, service } from "postbox";
import { mailbox, store } from "postbox/mixins";
import { defineEvent } from "postbox/schema";
import { listJobs, runJobNow, setup, type TestStack, until } from "postbox/testing";
import Type from "typebox";

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

const greeted = defineEvent({
  service: "auth",
  name: "greet",
  version: 1,
  targets: ["users"],
  schema: Type.Object({ name: Type.String() }),
});

const publisher = service({ name: "auth", mixins: [store("auth", () => ({})), mailbox("auth", () => ({}), [])] });

test("what a test publishes is handled by the time that it has settled", async () => {
  const heard: string[] = [];
  const hear = handle(greeted, async ({ data }) => void heard.push(data.name));
  const worker = service({ name: "users.worker", mixins: [mailbox("users", () => ({}), [hear])] });
  await stack.startServices([publisher, worker]);

  await stack.publish(greeted, { name: "ada" });
  await stack.transaction("auth", async (tx) => tx.enqueue(greeted, { name: "grace" }));
  await stack.settle();

  expect(heard.toSorted()).toEqual(["ada", "grace"]);
  expect(await stack.outbox("auth")).toEqual({ processed: 2 });
  expect(await stack.inbox("users")).toEqual({ processed: 2 });
});

test("settling names the event that nobody publishes, at the end of its time", async () => {
  await stack.publish(greeted, { name: "ada" });
  await expect(stack.settle({ deadlineMs: 50 })).rejects.toMatchObject({
    type: "not-settled",
    message: expect.stringContaining("auth.greet"),
  });
});

test("a test runs a job out of its turn", async () => {
  const scheduled = await stack.startServices(["auth.scheduler"]);
  const database = stack.database("auth");
  await until(async () => (await fetch(`${scheduled.metrics}/health/ready`)).ok);

  await runJobNow(database, "retention", "test");

  const retention = async () => (await listJobs(database)).find(({ name }) => name === "retention");
  const ended = await until(
    async () => {
      const job = await retention();
      return job?.last_status && job.last_status !== "running" ? job : undefined;
    },
    { what: "the job has run" },
  );
  expect(ended.last_status).toBe("done");
});
