import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { action, clientNetwork, object, service, signAccessToken } from "postbox";
import { rest } from "postbox/mixins";
import { earlyEnoughInTheHour, setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { type Limit, refusing } from "../../libs/postbox/core/limits/rate-limit.ts";
import { MemoryRateLimits } from "../../libs/postbox/edge/rate-limits/memory-counts.ts";
import { PostgresRateLimits } from "../../libs/postbox/edge/rate-limits/postgres-counts.ts";
import { clientAddress } from "../../libs/postbox/edge/requests/client-address.ts";
import { shop } from "./fixtures.ts";

const limited = service({
  name: "limited",
  version: 1,
  mixins: [rest("limited", { latest: 1 })],
  actions: {
    ring: action({
      rest: "GET /ring",
      access: "public",
      rateLimit: "3/hour, 1000/day",
      params: object({}),
      response: Type.String(),
      handler: () => "ding",
    }),
    mine: action({
      rest: "GET /mine",
      access: "gen",
      rateLimit: "2/day",
      params: object({}),
      response: Type.String(),
      handler: () => "ding",
    }),
  },
});

let stack: TestStack;
beforeEach(async () => {
  await earlyEnoughInTheHour();
  stack = await setup({ env: { TRUSTED_PROXIES: "127.0.0.1,::1" } });
});
afterEach(() => stack.stop());

test("limits hold over two instances, and say where the caller stands", async () => {
  const first = await stack.startServices(["gateway", limited]);
  const second = await stack.startServices(["gateway", limited]);
  const doors = [first.gateway, second.gateway];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => fetch(`${doors[n % 2]}/limited/${n % 4 < 2 ? "v1/" : ""}ring`)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("ratelimit-policy")).toBe('"3-in-3600s";q=3;w=3600, "1000-in-86400s";q=1000;w=86400');
  expect(refused?.headers.get("ratelimit")).toMatch(/^"3-in-3600s";r=0;t=\d+$/);
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused?.json()).toMatchObject({ code: "rate-limited", status: 429 });
});

test("each user and each address has limits of its own, and a made-up proxy header changes neither", async () => {
  const { gateway } = await stack.startServices(["gateway", limited]);
  const ring = (forwarded: string) => fetch(`${gateway}/limited/ring`, { headers: { "X-Forwarded-For": forwarded } });
  const statuses: number[] = [];
  for (const made of ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"])
    statuses.push((await ring(`${made}, 192.0.2.7`)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect((await ring("192.0.2.8")).status).toBe(200);

  const as = async (user_id: string) => {
    const { token } = signAccessToken({ user_id, role: "user", verified: true });
    return (await fetch(`${gateway}/limited/mine`, { headers: { Authorization: `Bearer ${token}` } })).status;
  };
  expect([await as("ada"), await as("ada"), await as("ada"), await as("bob")]).toEqual([200, 200, 429, 200]);
});

test("what finds nothing or bears no valid token is counted by address over two instances, and nothing else is", async () => {
  await using strict = await setup({ env: { RATE_LIMIT_REFUSED: "6/hour", TRUSTED_PROXIES: "127.0.0.1,::1" } });
  const [first, second] = [
    await strict.startServices(["gateway", limited, shop]),
    await strict.startServices(["gateway", limited]),
  ];
  const from =
    (address: string) =>
    (door: { gateway: string }, path: string, init: RequestInit = {}) =>
      fetch(`${door.gateway}${path}`, { ...init, headers: { "X-Forwarded-For": address, ...init.headers } });
  const ask = from("192.0.2.7");
  const forged = { headers: { Authorization: "Bearer forged" } };

  for (let n = 0; n < 10; n += 1) {
    expect((await ask(first, "/limited/utils/health")).status).toBe(200);
    expect((await ask(first, "/shop/items/x?count=none")).status).toBe(422);
    expect((await ask(first, "/shop/items/x", { method: "DELETE" })).status).toBe(409);
  }
  const refused = [
    await ask(first, "/nothing"),
    await ask(second, "/limited/nothing", { method: "OPTIONS" }),
    await ask(first, "/limited/utils/health", { method: "DELETE" }),
    await ask(second, "/limited/mine"),
    await ask(first, "/limited/mine", forged),
    await ask(second, "/nobody/openapi.json"),
  ];
  expect(refused.map(({ status }) => status)).toEqual([404, 404, 405, 401, 401, 404]);

  for (const door of [first, second]) {
    const over = await ask(door, "/limited/mine", forged);
    expect(over.status).toBe(429);
    expect(over.headers.get("ratelimit")).toMatch(/^"6-in-3600s";r=0;t=\d+$/);
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await over.json()).toMatchObject({ code: "rate-limited" });
    expect((await ask(door, "/nothing")).status).toBe(429);
    expect((await ask(door, "/limited/utils/health")).status).toBe(200);
    expect((await from("192.0.2.8")(door, "/nothing")).status).toBe(404);
  }
});

test("requests that succeed ask nothing of the store, unless their action is limited", async () => {
  const { gateway } = await stack.startServices(["gateway", limited]);
  const rows = async () => (await stack.database("gateway").query({ text: "select bucket from rate_limit" })).rowCount;
  for (let n = 0; n < 5; n += 1) await fetch(`${gateway}/limited/utils/health`);
  expect(await rows()).toBe(0);
  await fetch(`${gateway}/nothing`);
  expect(await rows()).toBe(2);
});

test("who goes on after the limit is refused without another question to the database", async () => {
  const database = stack.database("gateway");
  const store = new PostgresRateLimits(database);
  const limits: Limit[] = [
    { count: 1, seconds: 3_600 },
    { count: 9, seconds: 86_400 },
  ];
  for (const hits of [1, 2]) expect(await store.take("a", limits)).toMatchObject([{ hits }, { hits: 1 }]);
  await database.query({ text: "alter table rate_limit rename to gone" });
  expect(refusing(await store.take("a", limits))).toMatchObject({ count: 1, seconds: 3_600 });
  await expect(store.take("b", limits)).rejects.toThrow("rate_limit");
});

test("while the shared store is away, requests pass on a limit of the process's own, and a metric says so", async () => {
  const { gateway, metrics } = await stack.startServices(["gateway", limited]);
  await stack.database("gateway").query({ text: "alter table rate_limit rename to gone" });
  const statuses: number[] = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await fetch(`${gateway}/limited/ring`)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect(await (await fetch(`${metrics}/metrics`)).text()).toContain("postbox_rate_limit_store_up 0");

  await stack.database("gateway").query({ text: "alter table gone rename to rate_limit" });
  await until(async () => {
    await fetch(`${gateway}/limited/ring`);
    return (await (await fetch(`${metrics}/metrics`)).text()).includes("postbox_rate_limit_store_up 1");
  });
});

test("RATE_LIMIT_ENABLED=false switches limits off", async () => {
  await using open = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  const { gateway } = await open.startServices(["gateway", limited]);
  for (let n = 0; n < 5; n += 1) expect((await fetch(`${gateway}/limited/ring`)).status).toBe(200);
});

test.each(["postgres", "memory"])("in %s a refused request counts against no other limit", async (kind) => {
  const store = kind === "memory" ? new MemoryRateLimits() : new PostgresRateLimits(stack.database("gateway"));
  const limits: Limit[] = [
    { count: 2, seconds: 3_600 },
    { count: 5, seconds: 86_400 },
  ];
  for (let n = 0; n < 2; n += 1) expect(refusing(await store.take("a", limits))).toBeUndefined();
  for (let n = 0; n < 9; n += 1) expect(refusing(await store.take("a", limits))).toMatchObject({ seconds: 3_600 });
  const standings = await store.take("a", limits);
  expect(standings.find(({ seconds }) => seconds === 86_400)?.hits).toBe(2);
});

test("a window that is over gives room again", async () => {
  let now = 10_500;
  const store = new MemoryRateLimits(() => now);
  const limits = [{ count: 1, seconds: 1 }];
  await store.take("a", limits);
  expect(refusing(await store.take("a", limits))).toMatchObject({ resetSeconds: 1 });
  now = 11_000;
  expect(refusing(await store.take("a", limits))).toBeUndefined();
});

test.each([
  ["198.51.100.1", undefined, "198.51.100.1"],
  ["198.51.100.1", "203.0.113.9", "198.51.100.1"],
  ["10.0.0.2", "203.0.113.9", "203.0.113.9"],
  ["::ffff:10.0.0.2", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"],
  ["10.0.0.2", "not an address", "10.0.0.2"],
  ["10.0.0.2", undefined, "10.0.0.2"],
])("a request from %s that says it came from %s is taken to be from %s", (remoteAddress, forwarded, client) => {
  const req = { socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } };
  expect(clientAddress(["10.0.0.0/8", "fd00::/8"])(req as never)).toBe(client);
});

test("clients of one IPv6 network are one caller", () => {
  expect(clientNetwork("2001:db8:1:2::5")).toBe(clientNetwork("2001:db8:1:2:aaaa:bbbb:cccc:dddd"));
  expect(clientNetwork("2001:db8:1:3::5")).not.toBe(clientNetwork("2001:db8:1:2::5"));
});
