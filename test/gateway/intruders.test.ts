import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { action, object, service, signAccessToken } from "postbox";
import { rest } from "postbox/mixins";
import { type Route, setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { shop } from "./fixtures.ts";

const origin = "https://app.example.com";

let stack: TestStack;
let gateway: string;
let routes: readonly Route[];
let calls = 0;

const counted: ServiceSchema = service({
  name: "counted",
  version: 1,
  mixins: [rest("counted", { latest: 1 })],
  actions: Object.fromEntries(
    (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).map((method) => [
      method.toLowerCase(),
      action({
        rest: `${method} /things`,
        access: "public",
        params: object({}),
        response: Type.Integer(),
        handler: () => ++calls,
      }),
    ]),
  ),
});

beforeAll(async () => {
  stack = await setup({ env: { CORS_ORIGINS: `${origin},http://localhost:5173` } });
  const started = await stack.startServices(["gateway", "auth", "users", "emails", shop, counted]);
  ({ gateway } = started);
  routes = started.routes;
});
afterAll(() => stack.stop());

/** Sends bytes as they are, and gives all that comes back until the other side closes. */
async function raw(text: string): Promise<string> {
  const socket: Socket = connect(Number(new URL(gateway).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.write(text);
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString();
}
const rawGet = (target: string, headers = "") =>
  raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);

test("OPTIONS reaches no action, whatever method it asks for, on every route", async () => {
  for (const { path } of routes)
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      const answer = await fetch(`${gateway}${path.replaceAll(/:\w+/g, "x")}`, {
        method: "OPTIONS",
        headers: { "Access-Control-Request-Method": method, Origin: origin },
      });
      expect([answer.status, await answer.text()]).toEqual([204, ""]);
      expect(answer.headers.get("allow")).toContain("OPTIONS");
    }
  expect(calls).toBe(0);
});

test("a page of an origin on the list may call, with credentials", async () => {
  const headers = { Origin: origin, "Access-Control-Request-Method": "PATCH" };
  const preflight = await fetch(`${gateway}/counted/things`, { method: "OPTIONS", headers });
  expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
  const answer = await fetch(`${gateway}/shop/utils/health`, { headers });
  expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
  expect(answer.headers.get("vary")).toContain("Origin");
});

test.each([
  "https://app.example.com.evil.example",
  "https://app.example.co",
  "https://evil.example/https://app.example.com",
  "http://app.example.com",
  "https://app.example.com:8443",
  "app.example.com",
  "https://APP.example.com",
  "null",
  "*",
  "",
])("a page of the origin '%s' may not", async (other) => {
  const headers = { Origin: other, "Access-Control-Request-Method": "GET" };
  for (const method of ["GET", "OPTIONS"]) {
    const answer = await fetch(`${gateway}/shop/utils/health`, { method, headers });
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test.each([
  "/$node/options",
  "/$node.options",
  "/~node/options",
  "/%24node/options",
  "/v1.shop.internal",
  "/v1/shop/internal",
  "/shop/internal",
  "/shop/v1/internal",
  "/gateway/rest",
  "/gateway/v1/listAliases",
  "/api/list-aliases",
  "/auth/revocations",
])("%s leads to no action", async (path) => {
  for (const method of ["GET", "POST"]) expect((await fetch(`${gateway}${path}`, { method })).status).toBe(404);
});

test.each([
  "/../../etc/passwd",
  "/shop/..%2f..%2fetc%2fpasswd",
  "/gateway/assets/../../package.json",
  "/gateway/assets/..%5c..%5cpackage.json",
  "//evil.example/shop/mine",
  "/\\evil.example",
  "/shop/items",
  "/shop//mine",
  "http://evil.example/shop/nothing",
])("the target %s gets nothing but an error, and is redirected nowhere", async (target) => {
  const answer = await rawGet(target);
  expect(answer).toMatch(/^HTTP\/1\.1 40[0-9] /);
  expect(answer).not.toMatch(/^location:/im);
  expect(answer).not.toContain("root:");
});

test.each(["x%0d%0aSet-Cookie: a=1", "x\nSet-Cookie: a=1", `${"a".repeat(9_000)}`, "<script>", "", "ä"])(
  "a request id such as %j is not given back",
  async (id) => {
    const answer = await rawGet("/shop/utils/health", `X-Request-ID: ${id}\r\n`);
    expect(answer).not.toMatch(/^set-cookie:/im);
    const [, given = ""] = /^x-request-id: (.*)\r$/im.exec(answer) ?? [];
    expect(given === "" ? answer : given).toMatch(/^([0-9a-f-]{36}$|HTTP\/1\.1 4)/);
  },
);

test("a plain request id is kept, in the answer and in a problem", async () => {
  const answer = await fetch(`${gateway}/nowhere`, {
    headers: { "X-Request-ID": "order-7.a", "X-Correlation-ID": "b" },
  });
  expect(answer.headers.get("x-request-id")).toBe("order-7.a");
  expect(await answer.json()).toMatchObject({ request_id: "order-7.a" });
});

test("a header of more than 16 kB and a request that is no HTTP are refused", async () => {
  expect(await rawGet("/shop/utils/health", `X-Large: ${"a".repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await raw("\x16\x03\x01 not HTTP\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test("path, query and body do not override one another", async () => {
  const answer = await fetch(`${gateway}/shop/items/path?count=2&id=query`);
  expect(answer.status).toBe(422);
  expect(await (await fetch(`${gateway}/shop/items/path?count=2`)).json()).toMatchObject({ id: "path", count: 2 });
});

const form = (path: string, headers: Record<string, string>) =>
  fetch(`${gateway}${path}`, { method: "POST", headers, body: new URLSearchParams({ username: "a", password: "b" }) });

test.each([{}, { Origin: "https://evil.example" }, { Origin: "null" }])(
  "a form of another site's page %j changes nothing and is given no cookie",
  async (from) => {
    const headers = { ...from, "Sec-Fetch-Site": "cross-site" };
    for (const answer of [
      await form("/shop/login", headers),
      await form("/auth/login", headers),
      await fetch(`${gateway}/auth/token/refresh`, { method: "POST", headers }),
      ...(await Promise.all(
        ["POST", "PUT", "PATCH", "DELETE"].map((method) => fetch(`${gateway}/counted/things`, { method, headers })),
      )),
    ]) {
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: "cross-site" });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(calls).toBe(0);
  },
);

test("a page of a listed origin, of the same site or of none may send a form, and a link of another site is followed", async () => {
  for (const headers of [
    { Origin: origin, "Sec-Fetch-Site": "cross-site" },
    { Origin: "https://www.example.com", "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "same-origin" },
    { "Sec-Fetch-Site": "none" },
  ])
    expect((await form("/shop/login", headers)).status).toBe(200);
  expect((await fetch(`${gateway}/shop/items/1`, { headers: { "Sec-Fetch-Site": "cross-site" } })).status).toBe(200);
});

test("a large upload is refused before it is taken in", async () => {
  const before = process.memoryUsage().rss;
  const sent = 200 * 1024 * 1024;
  const answer = await raw(
    `POST /shop/items HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${sent}\r\n\r\n--b\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toMatch(/^connection: close\r$/im);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
});

test("who can reach NATS and forges a user gets nothing", async () => {
  const intruder = new ServiceBroker({
    namespace: "postbox",
    nodeID: "intruder",
    logger: false,
    transporter: { type: "NATS", options: { servers: stack.nats.url } },
  });
  await intruder.start();
  try {
    await intruder.waitForServices("v1.shop");
    const user = { user_id: "u1", role: "root", verified: true, type: "access", jti: "j" };
    const { token } = signAccessToken({ user_id: "u2", role: "user", verified: true });
    const call = (name: string, meta: object) =>
      intruder.call(name, {}, { meta }).then(
        (result) => ({ result }),
        ({ type }) => ({ type }),
      );
    expect(await call("v1.shop.mine", { user })).toEqual({ type: "unauthenticated" });
    expect(await call("v1.shop.manage", { user })).toEqual({ type: "unauthenticated" });
    expect(await call("v1.shop.manage", { user, token })).toEqual({ type: "forbidden" });
    expect(await call("v1.shop.internal", { user, token })).toEqual({ type: "forbidden" });
    expect(await call("v1.shop.mine", { user, token })).toMatchObject({
      result: { user: { user_id: "u2", role: "user" } },
    });
    expect(await call("v1.auth.revocations", { user })).toEqual({ type: "unauthenticated" });
  } finally {
    await intruder.stop();
  }
});

test("the access log tells the route soon, and neither query, token, cookie nor body", async () => {
  const spawned = await stack.spawnServices(["gateway", "emails"], { env: { ACCESS_LOG: "true" } });
  await fetch(`${spawned.gateway}/emails/utils/health?secret=query-secret`, {
    headers: { Authorization: "Bearer token-secret", Cookie: "a=cookie-secret" },
  });
  await fetch(`${spawned.gateway}/emails/path-secret`);
  // Two lines are far from filling a buffer, and nothing is written after a SIGKILL.
  const bothWritten = async () => (await spawned.output()).includes('"status":404');
  await until(bothWritten, { what: "the access log has both lines" });
  spawned.signal("SIGKILL");
  await spawned.ended;
  const output = await spawned.output();
  expect(output).toContain('"route":"/emails/utils/health"');
  expect(output).not.toMatch(/(query|token|cookie|path)-secret/);
});
