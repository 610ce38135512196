import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { signAccessToken } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { shop } from "./fixtures.ts";

let stack: TestStack;
let gateway: string;

beforeAll(async () => {
  stack = await setup();
  ({ gateway } = await stack.startServices(["gateway", shop]));
});
afterAll(() => stack.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway}${path}`, init);
const post = (path: string, body: string, type = "application/json") =>
  get(path, { method: "POST", body, headers: { "Content-Type": type } });
const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
const token = (role: "user" | "admin") => `Bearer ${signAccessToken({ user_id: "u1", role, verified: true }).token}`;

test("the latest version answers with and without its number in the path", async () => {
  for (const path of ["/shop/utils/version", "/shop/v1/utils/version"])
    expect(await (await get(path)).json()).toEqual({ service: "shop", version: "v1" });
});

test("path and query are converted by their declared types", async () => {
  const answer = await get("/shop/items/a%20b?count=3&loud=true");
  expect(await answer.json()).toEqual({ id: "a b", count: 3, loud: true });
});

test("a login form is read, its cookie too, and the answer sets more than one cookie", async () => {
  const answer = await get("/shop/login", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Cookie: "other=1; basket=b1" },
    body: "username=a%2Bb&password=p+w",
  });
  expect(await answer.json()).toEqual({
    body: { username: "a+b", password: "p w" },
    cookies: { basket: "b1" },
    clientAddress: expect.stringMatching(/^(::ffff:127\.0\.0\.1|127\.0\.0\.1|::1)$/),
  });
  expect(answer.headers.getSetCookie()).toEqual(["a=1; HttpOnly", "b=2; HttpOnly"]);
});

test.each([
  ["GET", "/shop/nothing", undefined, 404, "not-found"],
  ["PUT", "/shop/items", undefined, 405, "method-not-allowed"],
  ["GET", "/SHOP/v1/mine", undefined, 404, "not-found"],
  ["GET", "/$node/options", undefined, 404, "not-found"],
  ["GET", "/~node/options", undefined, 404, "not-found"],
  ["GET", "/v1/shop/mine", undefined, 404, "not-found"],
  ["GET", "/shop/../shop/mine%2f", undefined, 404, "not-found"],
  ["POST", "/shop/items", '{"name":', 400, "malformed-request"],
  ["POST", "/shop/items", '{"name":"ab","__proto__":{"admin":true}}', 400, "malformed-request"],
  ["POST", "/shop/items", '{"name":"ab","constructor":{"prototype":{"admin":true}}}', 400, "malformed-request"],
  ["POST", "/shop/items", '{"name":"a\\u0000b"}', 400, "malformed-request"],
  ["POST", "/shop/items", '{"name":"a"}', 422, "validation-failed"],
  ["POST", "/shop/items", "[]", 422, "validation-failed"],
  ["POST", "/shop/items", undefined, 422, "validation-failed"],
  ["GET", "/shop/items/x?count=none", undefined, 422, "validation-failed"],
  ["GET", "/shop/items/%E0%A4%A", undefined, 400, "malformed-request"],
  ["GET", "/shop/items/x?__proto__=1", undefined, 400, "malformed-request"],
  ["GET", "/shop/mine", undefined, 401, "unauthenticated"],
  ["DELETE", "/shop/items/x", undefined, 409, "job-state"],
  ["GET", "/shop/fail", undefined, 500, "internal-error"],
])("%s %s with the body %s is answered with %i %s", async (method, path, body, status, code) => {
  const answer = await get(path, {
    method,
    ...(body !== undefined && { body, headers: { "Content-Type": "application/json" } }),
  });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = await answer.json();
  expect(problem).toMatchObject({ type: `urn:postbox:error:${code}`, status, code });
  expect(answer.status).toBe(status);
  expect(JSON.stringify(problem)).not.toMatch(/constraint|\/srv|\.ts|stack|nodeID/);
});

test("a broken rule is told by field and rule, without what was given", async () => {
  const problem = await json(await post("/shop/items", '{"name":"A","tags":[7],"secret value":1,"more":2}'));
  expect(problem.errors).toEqual([
    { field: "body.(unnamed)", rule: "additionalProperties", message: "is not taken here" },
    { field: "body.more", rule: "additionalProperties", message: "is not taken here" },
    { field: "body.name", rule: "minLength", message: "must not have fewer than 2 characters" },
    { field: "body.tags.0", rule: "type", message: "must be string" },
  ]);
});

test("a broken pattern is told in the schema's own words, and as a pattern only where it has none", async () => {
  const { errors } = await json(await post("/shop/orders", '{"code":"a","gift":"b","note":"c","lines":["d"]}'));
  expect(errors).toEqual([
    { field: "body.code", rule: "pattern", message: "does not fit: Two digits." },
    { field: "body.gift", rule: "pattern", message: "does not fit: Gift code" },
    { field: "body.note", rule: "pattern", message: 'must match pattern "^\\d$"' },
    { field: "body.lines.0", rule: "pattern", message: "does not fit: A digit." },
  ]);
});

test("a body over 100 kB is refused, whether or not its length is told", async () => {
  const large = JSON.stringify({ name: "a".repeat(102_400) });
  expect((await post("/shop/items", large)).status).toBe(413);
  const stream = new Blob([large]).stream();
  const chunked = { method: "POST", body: stream, duplex: "half", headers: { "Content-Type": "application/json" } };
  expect((await get("/shop/items", chunked as RequestInit)).status).toBe(413);
});

test("a body of another type is refused", async () => {
  expect((await post("/shop/items", "name=ab", "application/x-www-form-urlencoded")).status).toBe(415);
  expect((await post("/shop/login", "{}")).status).toBe(415);
  expect((await post("/shop/items", "{}", "application/json; charset=latin1")).status).toBe(415);
});

test("a user reaches what is for users and not what is for management", async () => {
  const headers = { Authorization: token("user") };
  const answer = await get("/shop/mine", { headers });
  expect((await json(answer)).user).toMatchObject({ user_id: "u1", role: "user", type: "access" });
  expect((await get("/shop/manage", { headers })).status).toBe(403);
  expect((await get("/shop/manage", { headers: { Authorization: token("admin") } })).status).toBe(200);
});
