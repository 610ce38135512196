import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { shop } from "./fixtures.ts";
import { answersIn, exchange, headerOf, type RawAnswer, upload } from "./raw-client.ts";

const origin = "https://app.example.com";

let stack: TestStack;
let gateway: string;
let metrics: string;
let port: number;

beforeAll(async () => {
  stack = await setup({
    env: { RATE_LIMIT_ENABLED: "false", CORS_ORIGINS: origin, TRUSTED_PROXIES: "127.0.0.1" },
  });
  ({ gateway, metrics } = await stack.startServices(["gateway", shop]));
  port = Number(new URL(gateway).port);
});
afterAll(() => stack.stop());

const host = "Host: localhost\r\n";
const close = "Connection: close\r\n";
const health = "/shop/utils/health";
const json = "Content-Type: application/json\r\n";
const item = '{"name":"ab"}';
const post = (headers: string, body: string) =>
  `POST /shop/items HTTP/1.1\r\n${host}${close}${json}${headers}\r\n${body}`;
const get = (target: string, headers = host) => `GET ${target} HTTP/1.1\r\n${headers}${close}\r\n`;
const sized = (body: string, headers = "") => post(`${headers}Content-Length: ${body.length}\r\n`, body);
const deep = (levels: number) => `{"name":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

/** A request as bytes, the status of its answer, and the code of its problem. */
const table: readonly (readonly [what: string, sent: string, status: number, code?: string])[] = [
  // The target (RFC 9112, 3.2).
  ["an absolute target", get(`http://localhost${health}`), 200],
  ["an absolute target with another scheme, case and query", get(`HTTPS://other.example:8443${health}?a=1`), 200],
  ["an absolute target without a path", get("http://localhost?a=1"), 404, "not-found"],
  ["an absolute target that is not there", get("http://localhost/nowhere"), 404, "not-found"],
  ["a target of another scheme", get("ftp://localhost/x"), 400, "malformed-request"],
  ["a target of 8,001 characters", get(`/${"a".repeat(8_000)}`), 414, "uri-too-long"],
  ["a target of 20,000 characters", get(`/${"a".repeat(20_000)}`), 414, "uri-too-long"],
  ["a broken escape in a fixed path", get("/shop/%zz"), 400, "malformed-request"],
  ["an escape that is no UTF-8", get("/shop/items/%ff"), 400, "malformed-request"],
  ["a NUL in a path", get("/shop/items/%00"), 400, "malformed-request"],
  ["a letter that is escaped", get("/shop/%75tils/health"), 200],
  ["a slash that is escaped", get("/shop/utils%2Fhealth"), 404, "not-found"],
  ["a slash twice", get("//shop/utils/health"), 404, "not-found"],
  ["a slash at the end", get(`${health}/?a=1`), 200],
  ["two slashes at the end", get(`${health}//`), 404, "not-found"],
  ["another case", get("/Shop/utils/health"), 404, "not-found"],
  // The head.
  ["no Host", get(health, ""), 400, "malformed-request"],
  ["no Host in HTTP/1.0", `GET ${health} HTTP/1.0\r\n\r\n`, 200],
  ["two Hosts", get(health, `${host}Host: other\r\n`), 400, "malformed-request"],
  ["the same Host twice", get(health, host + host), 400, "malformed-request"],
  ["two hosts in one Host", get(health, "Host: a, b\r\n"), 400, "malformed-request"],
  ["a line that goes on in the next", get(health, `${host}X-A: b\r\n c\r\n`), 400, "malformed-request"],
  ["a blank before a colon", get(health, `${host}X-A : b\r\n`), 400, "malformed-request"],
  ["a NUL in a header", get(health, `${host}X-A: b\0\r\n`), 400, "malformed-request"],
  ["101 headers", get(health, host + "X-A: b\r\n".repeat(99)), 431, "headers-too-large"],
  ["100 headers", get(health, host + "X-A: b\r\n".repeat(98)), 200],
  ["3,000 headers", get(health, host + "A:\r\n".repeat(3_000)), 431, "headers-too-large"],
  ["headers of 20 kB", get(health, `${host}X-A: ${"a".repeat(20_000)}\r\n`), 431, "headers-too-large"],
  ["an unknown expectation", sized(item, "Expect: a-miracle\r\n"), 417, "expectation-failed"],
  ["another version", `GET ${health} HTTP/3.0\r\n${host}\r\n`, 505, "http-version-unsupported"],
  ["the beginning of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed-request"],
  ["what is no HTTP", "\x16\x03\x01\x02\r\n\r\n", 400, "malformed-request"],
  // The method.
  ["a method that nobody knows", `MAKE ${health} HTTP/1.1\r\n${host}\r\n`, 501, "not-implemented"],
  ["CONNECT", `CONNECT other.example:443 HTTP/1.1\r\n${host}\r\n`, 501, "not-implemented"],
  ["TRACE", `TRACE ${health} HTTP/1.1\r\n${host}${close}\r\n`, 405, "method-not-allowed"],
  ["an upgrade", get(health, `${host}Upgrade: websocket\r\nConnection: Upgrade\r\n`), 200],
  // The body (RFC 9112, 6).
  ["a body", sized(item), 201],
  ["a body in chunks", post("Transfer-Encoding: chunked\r\n", `d;a=b\r\n${item}\r\n0\r\n\r\n`), 201],
  ["a coding that is not known", post("Transfer-Encoding: gzip\r\n", ""), 501, "not-implemented"],
  ["a known coding and another", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, "not-implemented"],
  ["chunked as not the last coding", post("Transfer-Encoding: chunked, gzip\r\n", ""), 501, "not-implemented"],
  ["a length and chunks", sized(`0\r\n\r\n${item}`, "Transfer-Encoding: chunked\r\n"), 400, "malformed-request"],
  [
    "chunks and a length",
    post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
    400,
    "malformed-request",
  ],
  ["two lengths", sized(item, "Content-Length: 3\r\n"), 400, "malformed-request"],
  ["a length that is no number", post("Content-Length: +13\r\n", item), 400, "malformed-request"],
  [
    "chunks in HTTP/1.0",
    `POST /shop/items HTTP/1.0\r\n${json}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    "malformed-request",
  ],
  [
    "a chunk whose size is no number",
    post("Transfer-Encoding: chunked\r\n", "xyz\r\nab\r\n"),
    400,
    "malformed-request",
  ],
  [
    "a chunk that is longer than it says",
    post("Transfer-Encoding: chunked\r\n", `2\r\n${item}\r\n0\r\n\r\n`),
    400,
    "malformed-request",
  ],
  ["64 levels", sized(deep(64)), 422, "validation-failed"],
  ["65 levels", sized(deep(65)), 400, "malformed-request"],
  ["5,000 levels", sized(deep(5_000)), 400, "malformed-request"],
  ["brackets in a text", sized(`{"name":"${"[".repeat(500)}\\"${"{".repeat(500)}"}`), 201],
  ["two types", sized(item, json), 415, "unsupported-media-type"],
  [
    "UTF-8 by its other name",
    `POST /shop/items HTTP/1.1\r\n${host}${close}Content-Type: application/json; charset=UTF8\r\nContent-Length: 13\r\n\r\n${item}`,
    201,
  ],
  [
    "two charsets",
    `POST /shop/items HTTP/1.1\r\n${host}${close}Content-Type: application/json; charset=utf-8; charset=latin1\r\nContent-Length: 13\r\n\r\n${item}`,
    415,
    "unsupported-media-type",
  ],
];

// A rest parameter, because Jest hands a callback to a function of more parameters than the row has values.
test.each(table)("%s", async (_, sent, status, ...[code]) => {
  const answers = answersIn(await exchange(port, sent));
  expect(answers.map((one) => one.status)).toEqual([status]);
  const [answer] = answers as [RawAnswer];
  if (code === undefined) return;
  expect(headerOf(answer.head, "content-type")).toEqual(["application/problem+json"]);
  expect(JSON.parse(answer.body)).toMatchObject({
    ...{ type: `urn:postbox:error:${code}`, status, code },
    request_id: headerOf(answer.head, "x-request-id")[0],
  });
});

test("no header of an answer stands there twice, but for Set-Cookie and Vary", async () => {
  const login = "username=a&password=b";
  for (const sent of [
    get(health),
    get("/nowhere"),
    get("/shop/docs"),
    get("/shop/mine"),
    sized("{"),
    `POST /shop/login HTTP/1.1\r\n${host}${close}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${login.length}\r\n\r\n${login}`,
    "nonsense\r\n\r\n",
  ]) {
    const [answer] = answersIn(await exchange(port, sent));
    const names = (answer?.head ?? []).slice(1).map((line) => line.split(":")[0]?.toLowerCase());
    const once = names.filter((name) => name !== "set-cookie" && name !== "vary");
    expect(once).toEqual([...new Set(once)]);
  }
});

test("a request after a fault on the same connection is not read, and each answer belongs to its request", async () => {
  const first = `GET ${health} HTTP/1.1\r\n${host}\r\n`;
  const answers = answersIn(await exchange(port, `${first}${first}nonsense\r\n\r\n${first}`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
});

test.each([health, "/shop/docs", "/shop/redoc", "/shop/openapi.json", "/gateway/assets/docs.js"])(
  "every method finds %s by the same path, with a slash at its end or without",
  async (path) => {
    for (const given of [path, `${path}/`]) {
      const [head] = answersIn(await exchange(port, `HEAD ${given} HTTP/1.1\r\n${host}${close}\r\n`), true);
      const [full] = answersIn(await exchange(port, get(given)));
      expect([head?.status, full?.status]).toEqual([200, 200]);
      expect(headerOf(head?.head ?? [], "content-length")).toEqual(headerOf(full?.head ?? [], "content-length"));
      const options = await fetch(`${gateway}${given}`, { method: "OPTIONS" });
      expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
      const refused = await fetch(`${gateway}${given}`, { method: "POST" });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
  },
);

test("OPTIONS is answered for each path that another method has, for the whole server, and for no other path", async () => {
  const options = async (target: string) =>
    answersIn(await exchange(port, `OPTIONS ${target} HTTP/1.1\r\n${host}${close}\r\n`))[0];
  expect(headerOf((await options("/shop/login/"))?.head ?? [], "allow")).toEqual(["POST, OPTIONS"]);
  expect((await options("*"))?.status).toBe(204);
  for (const target of [
    "//shop/login",
    "/shop//login",
    "/Shop/login",
    "/shop%2Flogin",
    "/shop/login//",
    "/nobody/docs",
  ])
    expect((await options(target))?.status).toBe(404);
});

test("a preflight for what tracing in the browser adds is granted, to the listed origin alone", async () => {
  const preflight = async (from: string) => {
    const headers = {
      Origin: from,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "traceparent,tracestate,baggage,sentry-trace,x-requested-with",
    };
    return (await fetch(`${gateway}/shop/items/`, { method: "OPTIONS", headers })).headers;
  };
  const granted = await preflight(origin);
  expect(granted.get("access-control-allow-origin")).toBe(origin);
  expect(granted.get("access-control-allow-headers")).toBe(
    "Authorization, Content-Type, Idempotency-Key, X-Request-ID, traceparent, tracestate, baggage, sentry-trace, x-requested-with",
  );
  expect((await preflight("https://evil.example")).get("access-control-allow-headers")).toBeNull();
});

const megabyte = Buffer.alloc(1024 * 1024, "a");
const large = Array<Buffer>(20).fill(megabyte);
const heads: readonly (readonly [string, string, readonly Buffer[]])[] = [
  ["with a length", `Content-Length: ${20 * megabyte.length}\r\n`, large],
  [
    "in chunks",
    "Transfer-Encoding: chunked\r\n",
    [...large.flatMap((chunk) => [Buffer.from("100000\r\n"), chunk, Buffer.from("\r\n")]), Buffer.from("0\r\n\r\n")],
  ],
];

/** The most bytes of buffers that somebody still refers to, looked at in between: what is garbage counts for nothing. */
function reachableBuffers(): Disposable & { most(): number } {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const bytes = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = bytes();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, bytes() - before);
  }, 200);
  return { most: () => most, [Symbol.dispose]: () => clearInterval(timer) };
}

test.each(heads)(
  "clients that send 20 MB %s before they read get to read why it was refused",
  async (_, header, body) => {
    using memory = reachableBuffers();
    const refused = (path: string) => upload(port, `POST ${path} HTTP/1.1\r\n${host}${json}${header}\r\n`, body);
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push(await refused("/shop/items"));
    statuses.push(...(await Promise.all(Array.from({ length: 10 }, () => refused("/shop/items")))));
    expect(statuses).toEqual(Array(15).fill(413));
    // A path that is not there, and a type that is not taken, are told before the body too.
    expect(await refused("/nowhere")).toBe(404);
    expect(await refused("/shop/login")).toBe(header.startsWith("Content-Length") ? 413 : 415);
    expect(memory.most()).toBeLessThan(100 * 1024 * 1024);
  },
);

test("a client that waits for 100-continue is asked for a body that is wanted, and for no other", async () => {
  const expecting = (length: number) => post(`Expect: 100-continue\r\nContent-Length: ${length}\r\n`, "");
  const wanted = await exchange(port, expecting(item.length), item);
  expect(answersIn(wanted).map(({ status }) => status)).toEqual([100, 201]);
  expect(answersIn(await exchange(port, expecting(200_000))).map(({ status }) => status)).toEqual([413]);
});

test("a client whose proxy writes no address is counted, and has none at its action", async () => {
  const login = (forwarded: string) =>
    fetch(`${gateway}/shop/login`, {
      method: "POST",
      headers: { "X-Forwarded-For": forwarded },
      body: new URLSearchParams({ username: "a", password: "b" }),
    }).then((answer) => answer.json());
  expect(await login("[2001:db8::1]:443")).toMatchObject({ clientAddress: "2001:db8::1" });
  expect(await login("unknown")).not.toHaveProperty("clientAddress");
  const counted = async () =>
    (await (await fetch(`${metrics}/metrics`)).text()).includes("postbox_http_client_unreadable_total 1");
  await until(counted, { what: "the unreadable client is counted" });
});
