import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { type Role, roleSets, roles, signAccessToken, signServiceToken } from "postbox";
import { type Route, setup, type TestStack } from "postbox/testing";
import { shop } from "./fixtures.ts";

const services = ["gateway", "auth", "users", "emails"];

let stack: TestStack;
let gateway: string;
let routes: readonly Route[];
/** Names of the actions that were entered; nothing of a refused request may be in it. */
const entered: string[] = [];

beforeAll(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  const started = await stack.startServices([...services, shop]);
  ({ gateway } = started);
  routes = started.routes;
  const call = started.broker.call.bind(started.broker);
  started.broker.call = ((name: unknown, ...rest: [never]) => {
    entered.push(typeof name === "string" ? name : String(Object(name).action?.name));
    return call(name as never, ...rest);
  }) as typeof started.broker.call;
});
afterAll(() => stack.stop());

/** Another token with the same signature key and one thing changed. */
function forged(change: object): string {
  const { header, payload } = Object(jwt.decode(signAccessToken(user("root")).token, { complete: true }));
  return jwt.sign({ ...payload, ...change }, stack.config.TOKEN_SECRET, { algorithm: "HS256", header });
}
const user = (role: Role) => ({ user_id: "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e", role, verified: true });
const past = () => Math.floor(Date.now() / 1_000) - 60;

const noTokens: Readonly<Record<string, () => string | undefined>> = {
  "no token": () => undefined,
  "an empty token": () => "Bearer ",
  "another scheme": () => "Basic cm9vdDpyb290",
  "an expired token": () => `Bearer ${forged({ exp: past() })}`,
  "a token for another audience": () => `Bearer ${forged({ aud: "other" })}`,
  "a refresh token": () => `Bearer ${forged({ type: "refresh" })}`,
  "a service's token": () => `Bearer ${signServiceToken("emails")}`,
  "a token of another key": () => `Bearer ${jwt.sign({}, "another key of thirty-two bytes or more")}`,
};

async function status(route: Route, authorization: string | undefined): Promise<number> {
  const path = route.path.replaceAll(/:\w+/g, "0193b5a4-7c1e-7b3a-9d52-000000000000");
  const answer = await fetch(`${gateway}${path}`, {
    method: route.method,
    headers: { ...(authorization !== undefined && { Authorization: authorization }) },
  });
  await answer.arrayBuffer();
  return answer.status;
}

test("every route and who reaches it are as the table says that is looked at with each change", async () => {
  const table = routes
    .filter(({ document }) => services.includes(document.service))
    .map(({ method, path, access }) => `${access.padEnd(6)} ${method.padEnd(6)} ${path}`);
  const agreed = (await readFile(new URL("../../clients/access.txt", import.meta.url), "utf8"))
    .split("\n")
    .filter((line) => services.some((service) => line.includes(` /${service}`)));
  expect(table.sort()).toEqual(agreed);
});

test.each(Object.keys(noTokens))(
  "with %s, every route that is not public answers 401 and nothing runs",
  async (kind) => {
    const authorization = noTokens[kind]?.();
    for (const route of routes.filter(({ access }) => access !== "public")) {
      entered.length = 0;
      expect([route.method, route.path, await status(route, authorization)]).toEqual([route.method, route.path, 401]);
      expect(entered).not.toContain(route.action);
    }
  },
);

test.each(roles)("with the role %s, each route is reached or answers 403, as its access says", async (role) => {
  const { token } = signAccessToken(user(role));
  for (const route of routes) {
    const { access } = route;
    entered.length = 0;
    const answered = await status(route, `Bearer ${token}`);
    const allowed: readonly Role[] = access === "public" || access === "service" ? roles : roleSets[access];
    if (!allowed.includes(role)) {
      expect([route.method, route.path, answered]).toEqual([route.method, route.path, 403]);
      expect(entered).not.toContain(route.action);
    } else if (access !== "public") {
      expect([401, 403, 500]).not.toContain(answered);
      if (!route.parts.body) expect(entered).toContain(route.action);
    }
  }
});

test("a public route is open without a token", async () => {
  for (const route of routes.filter(({ access, path }) => access === "public" && path.includes("/utils/")))
    expect([route.path, await status(route, undefined)]).toEqual([route.path, 200]);
});
