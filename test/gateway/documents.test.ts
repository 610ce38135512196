import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { setup, type TestStack, until } from "postbox/testing";
import { shop } from "./fixtures.ts";

const services = ["auth", "users", "emails", "gateway", "shop"];

let stack: TestStack;
let gateway: string;

beforeAll(async () => {
  stack = await setup();
  ({ gateway } = await stack.startServices(["gateway", "auth", "users", "emails", shop]));
});
afterAll(() => stack.stop());

type Document = {
  paths: Record<string, Record<string, { responses: object; security?: object[]; parameters?: object[] }>>;
};
const openApi = async (path: string) => (await (await fetch(`${gateway}${path}/openapi.json`)).json()) as Document;

test.each(services.flatMap((service) => [`/${service}`, `/${service}/v1`]))(
  "the document of %s is valid OpenAPI 3.1",
  async (path) => {
    const validator = new Validator();
    expect(await validator.validate(await openApi(path))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  },
);

test("an operation tells its path, its parameters, who may call, and every error", async () => {
  const { paths } = await openApi("/shop/v1");
  expect(Object.keys(paths["/shop/v1/manage"]?.get?.responses ?? {})).toEqual(
    expect.arrayContaining(["200", "401", "403", "500", "503", "504"]),
  );
  expect(paths["/shop/v1/manage"]?.get?.security).toEqual([{ token: [] }]);
  expect(paths["/shop/v1/items/{id}"]?.get?.parameters).toMatchObject([
    { name: "id", in: "path", required: true },
    { name: "count", in: "query", required: false, example: 1 },
    { name: "loud", in: "query", required: false },
  ]);
  const create = paths["/shop/v1/items"]?.post;
  expect(Object.keys(create?.responses ?? {})).toEqual(expect.arrayContaining(["201", "400", "413", "415", "422"]));
  const rename = (await openApi("/users/v1")).paths["/users/v1/me/username"]?.patch;
  expect(rename?.parameters).toMatchObject([{ name: "Idempotency-Key", in: "header" }]);
  expect(Object.keys(rename?.responses ?? {})).toContain("409");
  expect(Object.keys((await openApi("/shop")).paths)).toContain("/shop/items");
  expect(Object.keys((await openApi("/shop")).paths)).not.toContain("/shop/v1/items");
});

test("Idempotency-Key is named on every POST and PATCH of users, and on none that is public", async () => {
  const named: string[] = [];
  const expected: string[] = [];
  for (const service of services)
    for (const [path, methods] of Object.entries((await openApi(`/${service}`)).paths))
      for (const [method, { parameters = [], security = [] }] of Object.entries(methods)) {
        if (parameters.some((one) => Reflect.get(one, "name") === "Idempotency-Key")) named.push(`${method} ${path}`);
        if ((method === "post" || method === "patch") && security.length > 0) expected.push(`${method} ${path}`);
      }
  expect(expected).toContain("patch /users/me/username");
  // It ends a session, and a failure of its answer must leave that.
  expect(named).toEqual(expected.filter((one) => one !== "post /auth/logout"));
});

test.each(["docs", "redoc"])("the page %s and all that it loads come from the gateway", async (kind) => {
  const answer = await fetch(`${gateway}/auth/${kind}`);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const page = await answer.text();
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? "");
  expect(loaded.length).toBeGreaterThan(1);
  for (const address of loaded) {
    expect(address).toMatch(/^\/gateway\/assets\//);
    expect((await fetch(`${gateway}${address}`)).status).toBe(200);
  }
});

test.each([
  "/nobody/openapi.json",
  "/auth/v9/docs",
  "/gateway/assets/package.json",
  "/gateway/assets/..%2fpackage.json",
])("%s is not found", async (path) => expect((await fetch(`${gateway}${path}`)).status).toBe(404));

test("in production there are no documents", async () => {
  const secret = "a secret of more than thirty-two bytes";
  await using production = await setup({
    env: { ENVIRONMENT: "production", TOKEN_SECRET: secret, POSTGRES_PASSWORD: stack.config.POSTGRES_PASSWORD },
  });
  const { gateway: door } = await production.startServices(["gateway", shop]);
  await until(async () => (await fetch(`${door}/shop/v1/utils/health`)).ok);
  for (const path of ["docs", "redoc", "openapi.json", "v1/docs", "v1/redoc", "v1/openapi.json"])
    expect((await fetch(`${door}/shop/${path}`)).status).toBe(404);
  expect((await fetch(`${door}/gateway/assets/redoc.js`)).status).toBe(404);
});
