import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure, service, signAccessToken } from "postbox";
import { mailbox, rest, store } from "postbox/mixins";
import { setup, until } from "postbox/testing";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { openApiDocument } from "../../libs/postbox/edge/openapi/document.ts";
import { routesOf } from "../../libs/postbox/edge/routes/routes.ts";
import { generateClients } from "../../libs/postbox/tools/client/generate.ts";
import { handlers, place } from "./readme-example.ts";

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");

test("the example of the README is the one that the compiler reads", () => {
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  const compiled = read("test/project/readme-example.ts");
  const [imports = "", code = ""] = example.split(/\n\n/);
  for (const line of imports.split("\n")) expect(compiled).toContain(line);
  expect(squeezed(code)).toContain("export");
  expect(squeezed(compiled)).toContain(squeezed(code));
});

/** Without the white space and the last commas that a formatter moves. */
function squeezed(code: string): string {
  return code.replace(/\s+/g, "").replace(/,([)}\]])/g, "$1");
}

test("the example of the README runs: a request to orders takes its effect in stock, once", async () => {
  await using stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  // Databases of the test's own, with the runtime's tables: the example's services are not part of the project.
  const { AUTH_DATABASE = "", USERS_DATABASE = "" } = stack.config;
  configure({ ...stack.config, ORDERS_DATABASE: AUTH_DATABASE, STOCK_DATABASE: USERS_DATABASE });
  const [orders, stock] = [stack.database("auth"), stack.database("users")];
  await orders.query({ text: "create table placed (item text)" });
  await stock.query({ text: "create table stock (item text, reserved int); insert into stock values ('lamp', 0)" });
  const { gateway } = await stack.startServices([
    "gateway",
    service({
      name: "orders",
      version: 1,
      mixins: [store("orders", noModels), rest("orders", { latest: 1 })],
      actions: { place },
    }),
    service({ name: "orders.worker", mixins: [mailbox("orders", noModels, [])] }),
    service({ name: "stock.worker", mixins: [mailbox("stock", noModels, handlers)] }),
  ]);
  const { token } = signAccessToken({ user_id: "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e", role: "user", verified: true });
  const request = (path: string, headers: Record<string, string> = { Authorization: `Bearer ${token}` }) =>
    fetch(`${gateway}${path}`, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify({ item: "lamp" }),
    });
  expect((await request("/orders", {})).status).toBe(401);
  await until(async () => (await request("/orders")).status === 200, { what: "the gateway takes the token" });
  expect((await request("/orders/v1")).status).toBe(200);

  const placed = async () => (await orders.query({ text: "select * from placed" })).rows;
  const reserved = async () => (await stock.query({ text: "select reserved from stock" })).rows[0]?.reserved;
  await until(async () => (await reserved()) === 2, { what: "both orders are reserved" });
  expect(await placed()).toEqual([{ item: "lamp" }, { item: "lamp" }]);

  const document = await (await fetch(`${gateway}/orders/openapi.json`)).json();
  expect(document).toMatchObject({ paths: { "/orders": { post: { operationId: "place" } } } });
  const routes = routesOf({
    name: "orders",
    fullName: "v1.orders",
    version: 1,
    settings: { face: { prefix: "orders", latest: 1 } },
    actions: { place: { ...place, name: "v1.orders.place" } },
  });
  const client = generateClients([
    openApiDocument(
      "orders",
      1,
      routes.filter(({ path }) => path.startsWith("/orders/v1")),
    ),
  ]);
  expect(client.get("orders.v1")).toContain('send("POST", "/orders/v1", request)');
});

const noModels = () => ({});
