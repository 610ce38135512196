import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ServiceSchema } from "moleculer";
import { action, object, revocationsParams, revocationsResult, service, signAccessToken, type Versions } from "postbox";
import { rest } from "postbox/mixins";
import { setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { shop } from "./fixtures.ts";

let stack: TestStack;
let gateway: string;

beforeEach(async () => {
  // What is not there yet is asked for again and again.
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  ({ gateway } = await stack.startServices(["gateway"]));
});
afterEach(() => stack.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway}${path}`, init);
const status = async (path: string) => (await get(path)).status;
const within5s = (what: string) => ({ deadlineMs: 5_000, what });

test("a service in another process appears when it starts, is away when it stops, and comes back", async () => {
  expect(await status("/emails/utils/version")).toBe(404);
  const first = await stack.spawnServices(["emails"]);
  await until(async () => (await status("/emails/utils/version")) === 200, within5s("the routes of the new service"));

  await first.stop();
  await until(async () => (await status("/emails/utils/version")) === 503, within5s("the service is seen to be away"));
  const away = await get("/emails/v1/utils/version");
  expect(away.headers.get("retry-after")).toBe("2");
  expect(await away.json()).toMatchObject({ code: "service-unavailable" });
  expect(await status("/emails/nothing")).toBe(404);

  await stack.spawnServices(["emails"]);
  await until(async () => (await status("/emails/utils/version")) === 200, within5s("the service is back"));
});

const versions: Versions = { latest: 2, deprecated: { 1: { since: "2026-11-01", sunset: "2027-05-01" } } };
const bookVersion = (version: number): ServiceSchema =>
  service({
    name: "books",
    version,
    mixins: [rest("books", versions)],
    actions: {
      shared: action({ rest: "GET /shared", access: "public", response: Type.String(), handler: () => "same" }),
      list: action({ rest: "GET /list", access: "public", response: Type.Number(), handler: () => version }),
    },
  });

test("two versions run side by side, and only the old one says that it is deprecated", async () => {
  await stack.startServices([bookVersion(1), bookVersion(2)]);
  await until(async () => (await status("/books/v2/list")) === 200, within5s("both versions"));
  expect(await (await get("/books/list")).json()).toBe(2);
  expect(await (await get("/books/v2/utils/version")).json()).toEqual({ service: "books", version: "v2" });
  expect((await get("/books/list")).headers.get("deprecation")).toBeNull();

  const old = await get("/books/v1/list");
  expect(await old.json()).toBe(1);
  expect(old.headers.get("deprecation")).toBe("@1793491200");
  expect(old.headers.get("sunset")).toBe("Sat, 01 May 2027 00:00:00 GMT");
  expect(await (await get("/books/v1/shared")).json()).toBe(await (await get("/books/shared")).json());
});

test("an error of the catalogue is the same from another process", async () => {
  await stack.startServices([shop]);
  await until(async () => (await status("/shop/items/a")) === 200, within5s("the service"));
  const refused = await get("/shop/items/a", { method: "DELETE" });
  expect(await refused.json()).toMatchObject({ status: 409, code: "job-state", detail: expect.any(String) });
  const invalid = await get("/shop/items/a?count=x");
  expect(await invalid.json()).toMatchObject({ status: 422, errors: [{ field: "query.count", rule: "type" }] });
  expect(await status("/shop/fail")).toBe(500);
});

test("a route that another action has already cannot be taken over", async () => {
  const taker = { ...bookVersion(1), name: "taker", actions: { list: { ...takeOver } } };
  taker.mixins = [rest("shop", { latest: 1 }).schema];
  await stack.startServices([shop]);
  await until(async () => (await status("/shop/items/a")) === 200, within5s("the first service"));
  await stack.startServices([taker, bookVersion(2)]);
  await until(async () => (await status("/books/list")) === 200, within5s("the service started after the taker"));
  expect(await (await get("/shop/items/a")).json()).toEqual({ id: "a", count: 1, loud: false });
});

const takeOver = action({
  rest: "GET /items/:name",
  access: "public",
  params: object({ params: object({ name: Type.String() }) }),
  response: Type.String(),
  handler: () => "taken over",
});

test("a revoked token is refused within 5 s, at the gateway and at the action", async () => {
  const { token, jti } = signAccessToken({ user_id: "u1", role: "root", verified: true });
  const revoked: { jti: string; expires_at: string }[] = [];
  const auth = service({
    name: "auth",
    version: 1,
    actions: {
      revocations: action({
        access: "service",
        params: revocationsParams,
        response: revocationsResult,
        handler: () => ({ revoked, as_of: new Date().toISOString() }),
      }),
    },
  });
  const { broker } = await stack.startServices([auth, shop]);
  const asUser = { headers: { Authorization: `Bearer ${token}` } };
  await until(async () => (await get("/shop/mine", asUser)).status === 200, within5s("the token is taken"));
  await broker.call("v1.shop.mine", {}, { meta: { token } });

  revoked.push({ jti, expires_at: new Date(Date.now() + 60_000).toISOString() });
  await until(async () => (await get("/shop/mine", asUser)).status === 401, within5s("the gateway refuses it"));
  const refusal = () =>
    broker.call("v1.shop.mine", {}, { meta: { token } }).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(await until(refusal, within5s("the action refuses it"))).toMatchObject({ type: "unauthenticated" });
});
