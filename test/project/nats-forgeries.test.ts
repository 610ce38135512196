import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { NatsConnection } from "nats";
import { type SpawnedServices, type TestStack, until } from "postbox/testing";
import { asUser, connectAs, setupWithUsers } from "./nats-users.ts";

/**
 * Somebody who has the password of users, beside a gateway and auth. Moleculer believes what a node says of itself;
 * whom it may be believed is what is tested here.
 */
let stack: TestStack;
let gateway: SpawnedServices;
let intruder: NatsConnection;

beforeAll(async () => {
  stack = await setupWithUsers();
  [gateway] = await Promise.all([
    stack.spawnServices(["gateway"], asUser("gateway")),
    stack.spawnServices(["auth"], asUser("auth")),
  ]);
  intruder = await connectAs("users", stack);
  await until(async () => (await health("auth")).ok, { what: "the gateway has found auth" });
});

afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const health = (service: string) => fetch(`${gateway.gateway}/${service}/utils/health`);

/** A packet in the form of the present nodes', that says what is given. */
async function tell(info: object): Promise<void> {
  intruder.publish("MOL-postbox.INFO", JSON.stringify({ ...(await heartbeatOf("gateway")), seq: 1, ...info }));
}

/** A heartbeat of a service's node, which everybody hears: its `sender` is the node's name. */
async function heartbeatOf(service: string): Promise<{ readonly sender: string }> {
  for await (const message of intruder.subscribe("MOL-postbox.HEARTBEAT")) {
    const heard = message.json<{ sender: string }>();
    if (heard.sender.startsWith(`${service}.`)) return heard;
  }
  throw new Error("The connection was closed.");
}

const logged = (text: string) =>
  until(async () => (await gateway.output()).includes(text), { what: `the gateway's log has '${text}'` });

test("a forged packet with a node's own name does not end that node", async () => {
  await tell({ instanceID: "another", services: [] });
  await logged("speaks under the id of this node");
  await tell({ instanceID: "another", services: "no list" });
  expect((await health("gateway")).status).toBe(200);
  expect((await health("auth")).status).toBe(200);
});

const action = (name: string) => ({ name, rest: "GET /utils/health", access: "public" });

test.each([
  ["of its name", { name: "auth", version: 1, actions: { "v1.auth.utils.health": action("v1.auth.utils.health") } }],
  ["under another name", { name: "users", version: 1, actions: { x: action("v1.auth.utils.health") } }],
  ["by its path", { name: "users", version: 1, settings: { face: { prefix: "auth", latest: 1 } }, actions: {} }],
])("who has the password of users gets none of the calls to auth, offered as a service %s", async (_, service) => {
  await tell({ sender: "users.evil", instanceID: "evil", services: [{ ...service, fullName: `v1.${service.name}` }] });
  await logged("announces actions of 'auth'");
  for (let n = 0; n < 20; n += 1) expect((await health("auth")).status).toBe(200);
});
