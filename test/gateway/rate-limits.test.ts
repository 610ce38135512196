import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { action, object, service, signAccessToken } from "postbox";
import { rest } from "postbox/mixins";
import { earlyEnoughInTheHour, setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
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
  const gateways = [first.gateway, second.gateway];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => fetch(`${gateways[n % 2]}/limited/${n % 4 < 2 ? "v1/" : ""}ring`)),
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
    (instance: { gateway: string }, path: string, init: RequestInit = {}) =>
      fetch(`${instance.gateway}${path}`, { ...init, headers: { "X-Forwarded-For": address, ...init.headers } });
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

  for (const instance of [first, second]) {
    const over = await ask(instance, "/limited/mine", forged);
    expect(over.status).toBe(429);
    expect(over.headers.get("ratelimit")).toMatch(/^"6-in-3600s";r=0;t=\d+$/);
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await over.json()).toMatchObject({ code: "rate-limited" });
    expect((await ask(instance, "/nothing")).status).toBe(429);
    expect((await ask(instance, "/limited/utils/health")).status).toBe(200);
    expect((await from("192.0.2.8")(instance, "/nothing")).status).toBe(404);
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
