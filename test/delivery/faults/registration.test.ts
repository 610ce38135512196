import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { Api, textOf } from "../../auth/api.ts";
import { kill } from "./deployment.ts";
import { failpoint } from "./failpoint.ts";

let stack: TestStack;
let api: Api;
beforeAll(async () => {
  stack = await setup({
    env: { REQUIRE_USER_VERIFICATION: "false", RATE_LIMIT_ENABLED: "false", ACK_WAIT_MS: "1000" },
  });
  api = new Api((await stack.startServices(["auth", "auth.worker", "gateway"])).gateway);
});
afterAll(() => stack?.stop());

/** Registers a user and gives the id. */
async function register(username: string): Promise<string> {
  const { status, body } = await api.register(username);
  expect(status).toBe(201);
  return textOf(body, "id");
}

async function profiles(id: string): Promise<number> {
  const { rows } = await stack.database("users").query({ text: "select from profile where id = $1", values: [id] });
  return rows.length;
}

/** Waits until the users service has told auth that the registration of `id` is done. */
async function processed(id: string): Promise<void> {
  const state = async () => {
    const { rows } = await stack.database("auth").query<{ status: string }>({
      text: "select status from event_outbox where target = 'users' and key = $1",
      values: [id],
    });
    return rows.length === 1 && rows[0]?.status === "processed";
  };
  await until(state, { what: "the registration is processed" });
}

test("a registration outlives a users worker that is killed before it handles it", async () => {
  await kill(await stack.spawnServices(["users.worker"]));
  const id = await register("before");
  await stack.spawnServices(["users.worker"]).then(async (worker) => {
    await processed(id);
    expect(await profiles(id)).toBe(1);
    await worker.stop();
  });
});

test("a registration outlives a users worker that is killed while it handles it", async () => {
  const worker = await stack.spawnServices(["users.worker"]);
  await using during = await failpoint(stack.database("users"), "after insert on profile for each row");
  const id = await register("during");
  await during.reached();
  await kill(worker);
  await during.lift();
  expect(await profiles(id)).toBe(0);
  const next = await stack.spawnServices(["users.worker"]);
  await processed(id);
  expect(await profiles(id)).toBe(1);
  await next.stop();
});

test("a registration takes effect once when the users worker is killed after its commit, before its acks", async () => {
  const worker = await stack.spawnServices(["users.worker"]);
  await using during = await failpoint(stack.database("users"), "after insert on profile for each row");
  const id = await register("after");
  await during.reached();
  stack.nats.signal("SIGSTOP");
  await during.lift();
  await until(async () => (await profiles(id)) === 1, { what: "the effect is committed" });
  await kill(worker);
  stack.nats.signal("SIGCONT");
  const next = await stack.spawnServices(["users.worker"]);
  await processed(id);
  expect(await profiles(id)).toBe(1);
  await next.stop();
});
