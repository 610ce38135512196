import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { action, configure, object } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { Type } from "typebox";

let stack: TestStack;

beforeAll(async () => {
  stack = await setup();
});
afterAll(() => stack.stop());

/** The start of a service with one action; rejects if the action is refused. */
const start = (declared: object, settings: object = { face: { prefix: "open", latest: 1 } }) =>
  stack.startServices([
    {
      name: "open",
      version: 1,
      settings,
      actions: { see: { access: "public", ...declared, handler: () => 1 } },
    } as never,
  ]);

const part = (name: string, schema: object) => ({ params: { type: "object", properties: { [name]: schema } } });
const body = (schema: object) => ({ rest: "POST /", ...part("body", { type: "object", properties: { a: schema } }) });

test.each<[declared: object, remedy: string]>([
  [{ access: undefined }, "set `access` to one of public"],
  [{ access: "everybody" }, "set `access` to one of public"],
  [{ rest: "POST " }, "did you mean 'POST /'?"],
  [{ rest: "POST" }, "did you mean 'POST /'?"],
  [{ rest: "get /a" }, "did you mean 'GET /a'?"],
  [{ rest: "GET a" }, "did you mean 'GET /a'?"],
  [{ rest: "GET  /a" }, "did you mean 'GET /a'?"],
  [{ rest: "GET /a/" }, "did you mean 'GET /a'?"],
  [{ rest: "GET /a?b=1" }, "did you mean 'GET /a'?"],
  [{ rest: "GET /{id}" }, "did you mean 'GET /:id'?"],
  [{ rest: "PSOT /a" }, "did you mean 'POST /a'?"],
  [{ rest: "HEAD /a" }, "write a method (GET, POST, PUT, PATCH, DELETE)"],
  [{ rest: { method: "GET", path: "/a" } }, "did you mean 'GET /a'?"],
  [{ rest: true }, "write a method"],
  [{ rest: "GET /v2/a" }, "leave it out"],
  [{ rest: "GET /docs" }, "choose another path"],
  [{ rest: "GET /", access: "service" }, "leave one of them out"],
  [{ rest: "GET /", visibility: "private" }, "leave one of them out"],
  [{ rest: "POST /", body: "xml" }, "set it to 'json' or 'form'"],
  [{ rest: "POST /", body: "form" }, "add its schema"],
  [{ rest: "GET /", status: 99 }, "a whole number from 200 to 399"],
  [{ rest: "GET /", errors: ["not-fuond"] }, "did you mean 'not-found'?"],
  [{ rest: "GET /", rateLimit: "5 a minute" }, "write it as '5/minute"],
  [{ rest: "GET /", ratelimit: "5/minute" }, "did you mean 'rateLimit'?"],
  [{ rest: "GET /:id/:id" }, "give each a name of its own"],
  [{ rest: "GET /:id" }, "no 'id' in its schema's `params.params`"],
  [{ rest: "GET /", ...part("params", { type: "object", properties: { id: { type: "string" } } }) }, "has no ':id'"],
  [{ rest: "GET /", ...part("headers", { type: "object", properties: {} }) }, "is no part of a request"],
  [{ rest: "GET /", ...part("body", { type: "object", properties: {} }) }, "use POST"],
  [{ rest: "GET /", params: { id: "string" } }, "are no schema of an object"],
  [
    { rest: "GET /", ...part("query", { type: "object", properties: { a: { type: "object" } } }) },
    "cannot be written as text",
  ],
  [{ rest: "DELETE /", status: 204, response: { type: "string" } }, "leave one of them out"],
  [body({ type: "string", minLenght: 1 }), "did you mean 'minLength'?"],
  [body({ type: "string", format: "emial" }), "did you mean 'email'?"],
  [body({ type: "string", pattern: "[a-\\w\\-.]" }), "with the flag `u`"],
  [body({ type: "bigint" }), "which JSON does not have"],
  [body({ minimum: 1 }), 'add `type: "number"`'],
  [body({ not: {} }), "cannot be closed and typed"],
  [body({ $ref: "Nothing" }), "which nothing in it is called"],
  [body({ $defs: { A: { type: "array", items: { $ref: "A" } } }, $ref: "A" }), "contains itself"],
  [body({ type: "integer", default: "one" }), "a default that breaks its own rules"],
  [body({ allOf: [{ type: "string" }, { type: "integer" }] }), "differ in 'type'"],
])("a service with an action that declares %j is refused with the remedy", async (declared, remedy) => {
  await expect(start(declared)).rejects.toMatchObject({
    type: "action-undeclared",
    message: expect.stringMatching(/^Action 'v1\.open\.see' /),
  });
  await expect(start(declared)).rejects.toThrow(remedy);
});

test("a service is refused whose actions share a route, or whose paths have no base", async () => {
  const see = {
    rest: "GET /:id",
    access: "public",
    ...part("params", { type: "object", properties: { id: { type: "string" } } }),
  };
  const look = {
    ...see,
    rest: "GET /:name",
    ...part("params", { type: "object", properties: { name: { type: "string" } } }),
  };
  const settings = { face: { prefix: "open", latest: 1 } };
  const both = { name: "open", version: 1, settings, actions: { see, look } };
  await expect(stack.startServices([both as never])).rejects.toThrow("'v1.open.see' has the same method and path");
  await expect(start({ rest: "GET /" }, {})).rejects.toThrow("give it the mixin `rest`");
  await expect(start({ rest: "GET /" }, { face: { prefix: "My-Shop", latest: 1 } })).rejects.toThrow("makes no path");
});

test("an action with a rule that only a function can tell is refused where it is written", () => {
  const even = Type.Refine(Type.Integer(), (value) => value % 2 === 0);
  expect(() => action({ access: "public", params: object({ body: object({ even }) }), handler: () => 1 })).toThrow(
    "Type.Refine",
  );
});

test("a port that is taken stops the start with the port and the variable", async () => {
  const other = createServer().listen(0);
  const { port } = other.address() as AddressInfo;
  configure({ ...stack.config, PORT: port });
  await expect(stack.startServices(["gateway"])).rejects.toMatchObject({
    type: "port-taken",
    message: `Port ${port} cannot be had; end what listens there, or set PORT to another port.`,
  });
  other.close();
});
