import { once } from "node:events";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { shop } from "./fixtures.ts";

let stack: TestStack;
let gateway: string;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  const started = await stack.startServices(["gateway", shop]);
  ({ gateway } = started);
  server = Reflect.get(started.broker.getLocalService("v1.gateway") ?? {}, "server");
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await stack.stop();
});

const halfHeaders = "GET /shop/utils/health HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const halfBody = (path: string, type: string, text: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n${text}`;
/** What slow clients have sent, each of another kind. */
const halves = [
  halfHeaders,
  "",
  halfBody("/shop/items", "application/json", '{"name":'),
  halfBody("/shop/login", "application/x-www-form-urlencoded", "username="),
];

/** A client that sends half a request, and what it hears until its connection is closed. */
interface SlowClient {
  readonly sent: string;
  heard: string;
  readonly closed: Promise<unknown>;
}

async function slowClient(sent: string): Promise<SlowClient> {
  const socket = connect(Number(new URL(gateway).port), "127.0.0.1");
  sockets.push(socket);
  await once(socket, "connect");
  const client = { sent, heard: "", closed: once(socket, "close") };
  socket.setEncoding("utf8").on("data", (text) => {
    client.heard += text;
  });
  socket.on("error", () => undefined);
  socket.write(sent);
  return client;
}

const refusal =
  /^HTTP\/1\.1 408 (?=[\s\S]*\r\nConnection: close\r\n)(?=[\s\S]*\r\nContent-Type: application\/problem\+json\r\n)/;

const health = async () => (await fetch(`${gateway}/shop/utils/health`)).status;

test("headers may take 10 s to arrive and a whole request 30 s", () => {
  expect({ headers: server.headersTimeout, request: server.requestTimeout }).toEqual({
    headers: 10_000,
    request: 30_000,
  });
});

test("while a thousand clients have sent half a request, all others are answered; then the slow get 408", async () => {
  // None may be cut off before the others were answered, however busy the machine is.
  Object.assign(server, { headersTimeout: 0, requestTimeout: 0 });
  const slow = await Promise.all(Array.from({ length: 1_000 }, (_, n) => slowClient(halves[n % halves.length] ?? "")));
  for (let round = 0; round < 20; round += 1)
    expect(await Promise.all(Array.from({ length: 25 }, health))).toEqual(Array(25).fill(200));
  expect(slow.filter(({ heard }) => heard !== "")).toEqual([]);

  // The limits are read anew at each look of the server, once a second.
  Object.assign(server, { headersTimeout: 1, requestTimeout: 1 });
  await Promise.all(slow.map(({ closed }) => closed));
  for (const { heard } of slow) expect(heard).toMatch(refusal);
  const held = promisify(server.getConnections.bind(server));
  await until(async () => (await held()) < 100, { what: "the server holds no connection of theirs" });
  expect(await health()).toBe(200);
});

test("a client that goes on sending a little now and then is cut off all the same", async () => {
  Object.assign(server, { headersTimeout: 100, requestTimeout: 200 });
  const clients = await Promise.all([halfHeaders, halves[2] ?? ""].map(slowClient));
  const dribble = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("a");
  }, 20);
  await Promise.all(clients.map(({ closed }) => closed));
  clearInterval(dribble);
  for (const { heard } of clients) expect(heard).toMatch(refusal);
});
