import { connect as connectSocket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, type NatsConnection } from "nats";
import { type TestStack, until } from "postbox/testing";
import { asUser, connectAs, setupWithUsers } from "./nats-users.ts";

let stack: TestStack;
let connections: NatsConnection[];

beforeEach(async () => {
  connections = [];
  stack = await setupWithUsers();
});

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await stack.stop();
});

async function as(user: string): Promise<NatsConnection> {
  const connection = await connectAs(user, stack);
  connections.push(connection);
  return connection;
}

/** What the server forbids of what this user does: the operation and the subject. */
async function refusals(user: string, deed: (connection: NatsConnection) => void): Promise<unknown[]> {
  const connection = await as(user);
  const refused: unknown[] = [];
  void (async () => {
    for await (const { permissionContext } of connection.status())
      if (permissionContext) refused.push(permissionContext);
  })();
  deed(connection);
  // The server answers in order: what it refuses, it refuses before it answers the second ping.
  await connection.flush();
  await connection.flush();
  return refused;
}

const publish = (subject: string) => (connection: NatsConnection) => connection.publish(subject);
const subscribe = (subject: string) => (connection: NatsConnection) => {
  connection.subscribe(subject, { callback: () => undefined });
};

test("every service, worker and scheduler works as its own user, from a registration to its acknowledgement", async () => {
  const [{ gateway }] = await Promise.all([
    stack.spawnServices(["gateway", "gateway.scheduler"], asUser("gateway")),
    stack.spawnServices(["auth", "auth.worker", "auth.scheduler"], asUser("auth")),
    stack.spawnServices(["users", "users.worker", "users.scheduler"], asUser("users")),
    stack.spawnServices(["emails", "emails.worker", "emails.scheduler"], asUser("emails")),
  ]);
  const body = JSON.stringify({ username: "ada", email: "ada@postbox.example", password: "correct-horse-1" });
  const headers = { "content-type": "application/json" };
  const register = async () => (await fetch(`${gateway}/auth/register`, { method: "POST", headers, body })).status;
  await until(async () => (await register()) !== 503 && (await register()) === 409, { what: "ada is registered" });
  const states = async () =>
    (await stack.database("auth").query<{ status: string }>({ text: "select status from event_outbox" })).rows;
  await until(
    async () => (await states()).length >= 2 && (await states()).every(({ status }) => status === "processed"),
  );
});

test.each([
  ["users", "emails.auth.create.user", "an event in the name of auth"],
  ["auth", "ack.auth.users", "an acknowledgement in the name of users"],
  ["emails", "ack.auth.users", "an acknowledgement in the name of users"],
  ["users", "$JS.API.STREAM.DELETE.users_stream", "the deletion of a stream"],
  ["users", "$JS.API.CONSUMER.MSG.NEXT.auth_stream.mailbox", "a message of another's mailbox"],
  ["users", "$JS.ACK.auth_stream.mailbox.1.1.1.1.1", "that another's message is done"],
])("%s may not publish to %s: %s", async (user, subject) => {
  expect(await refusals(user, publish(subject))).toEqual([{ operation: "publish", subject }]);
});

test.each(["users", "auth"])("%s may publish as itself and acknowledge as itself", async (user) => {
  expect(await refusals(user, publish(`emails.${user}.anything`))).toEqual([]);
  expect(await refusals(user, publish(`ack.auth.${user}`))).toEqual([]);
});

test.each([
  ...[">", "_INBOX.>", "_INBOX_auth.>", "emails.>", "ack.>"],
  ...["MOL-postbox.>", "MOL-postbox.REQ.auth.*", "MOL-postbox.RES.gateway.*", "MOL-postbox.*.*.*"],
])("users may not listen to %s", async (subject) => {
  expect(await refusals("users", subscribe(subject))).toEqual([{ operation: "subscription", subject }]);
});

test("whoever has no password gets no connection, and what was sent in spite of that reaches nobody", async () => {
  await expect(connect({ servers: stack.nats.url, reconnect: false })).rejects.toThrow("Authorization Violation");
  const wrong = { servers: stack.nats.url, user: "auth", pass: "secretusers", reconnect: false };
  await expect(connect(wrong)).rejects.toThrow("Authorization Violation");

  const heard: string[] = [];
  const auth = await as("auth");
  auth.subscribe("MOL-postbox.INFO", { callback: (_, message) => heard.push(message.string()) });
  await auth.flush();
  const socket = connectSocket(Number(new URL(stack.nats.url).port), "127.0.0.1");
  socket.write('CONNECT {"verbose":false}\r\nPUB MOL-postbox.INFO 6\r\nforged\r\n');
  expect((await buffer(socket)).toString()).toContain("Authorization Violation");
  (await as("users")).publish("MOL-postbox.INFO", "told");
  await until(() => heard.length > 0);
  expect(heard).toEqual(["told"]);
});
