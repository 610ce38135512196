import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { action, object, service } from "postbox";
import { rest } from "postbox/mixins";
import { setup, type TestStack } from "postbox/testing";
import { Type } from "typebox";

const line = Type.Object({ item: Type.String(), count: Type.Integer({ default: 1 }) });
const query = object({
  size: Type.Optional(Type.Union([Type.Literal(10), Type.Literal(50)])),
  page: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  kinds: Type.Optional(Type.Array(Type.Enum([1, 2]))),
});
const body = object({
  line,
  pair: Type.Optional(Type.Tuple([line, Type.Integer()])),
  byName: Type.Optional(Type.Record(Type.String(), line)),
  both: Type.Optional(Type.Intersect([line, Type.Object({ gift: Type.Boolean() })])),
  module: Type.Optional(Type.Module({ One: Type.Object({ two: Type.Ref("Two") }), Two: line }).One),
});

const echo = ({ params }: { params: unknown }) => params;
const said = service({
  name: "said",
  version: 1,
  mixins: [rest("said", { latest: 1 })],
  actions: {
    find: action({ rest: "GET /", access: "public", params: object({ query }), handler: echo }),
    make: action({ rest: "POST /", access: "public", params: object({ body }), handler: echo }),
    form: action({
      rest: "POST /form",
      access: "public",
      body: "form",
      params: object({ body: object({ count: Type.Integer(), loud: Type.Boolean({ default: false }) }) }),
      handler: echo,
    }),
  },
});

let stack: TestStack;
let gateway: string;
beforeAll(async () => {
  stack = await setup();
  ({ gateway } = await stack.startServices(["gateway", said]));
});
afterAll(() => stack.stop());

const get = async (text: string) => {
  const answer = await fetch(`${gateway}/said${text}`);
  return { status: answer.status, body: await answer.json() };
};
const post = async (path: string, type: string, text: string) => {
  const answer = await fetch(`${gateway}/said${path}`, {
    method: "POST",
    headers: { "Content-Type": type },
    body: text,
  });
  return { status: answer.status, body: await answer.json() };
};
const make = (given: object) => post("/", "application/json", JSON.stringify(given));

test.each([
  ["?size=10", { size: 10 }],
  ["?page=3", { page: 3 }],
  ["?page=null", { page: null }],
  ["?kinds=1", { kinds: [1] }],
  ["?kinds=1&kinds=2", { kinds: [1, 2] }],
  ["", {}],
])("the query '%s' is read as its document says", async (text, read) => {
  expect(await get(text)).toEqual({ status: 200, body: { query: read } });
});

test.each(["?size=20", "?page=x", "?kinds=3", "?sizes=10"])("the query '%s' is refused", async (text) => {
  expect(await get(text)).toMatchObject({ status: 422 });
});

test("defaults are filled in at every place of a body, and a form's texts become numbers", async () => {
  const item = { item: "lamp" };
  const full = { item: "lamp", count: 1 };
  const given = {
    line: item,
    pair: [item, 2],
    byName: { a: item },
    both: { ...item, gift: true },
    module: { two: item },
  };
  expect(await make(given)).toEqual({
    status: 200,
    body: {
      body: { line: full, pair: [full, 2], byName: { a: full }, both: { ...full, gift: true }, module: { two: full } },
    },
  });
  expect(await post("/form", "application/x-www-form-urlencoded", "count=7")).toEqual({
    status: 200,
    body: { body: { count: 7, loud: false } },
  });
});

test.each([
  ["line.hash", { line: { item: "a", hash: 1 } }],
  ["pair.0.hash", { pair: [{ item: "a", hash: 1 }, 2] }],
  ["byName.a.hash", { byName: { a: { item: "a", hash: 1 } } }],
  ["both.hash", { both: { item: "a", gift: true, hash: 1 } }],
  ["module.hash", { module: { two: { item: "a" }, hash: 1 } }],
])("an unknown property is refused wherever it stands: %s", async (field, given) => {
  expect(await make({ line: { item: "a" }, ...given })).toMatchObject({
    status: 422,
    body: { errors: [{ field: `body.${field}`, rule: "additionalProperties" }] },
  });
});

test("the document is valid, without a reference into nothing", async () => {
  const document = JSON.parse(await (await fetch(`${gateway}/said/openapi.json`)).text());
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
  expect(new Set(references)).toEqual(new Set(["#/components/schemas/Problem"]));
});
