import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack } from "postbox/testing";

let stack: TestStack;
let gateway: string;

beforeAll(async () => {
  stack = await setup({ env: { REQUIRE_USER_VERIFICATION: "false", REFRESH_GRACE_SECONDS: "0" } });
  ({ gateway } = await stack.startServices(["gateway", "auth", "users", "emails"]));
});
afterAll(() => stack.stop());

const ada = { username: "ada", email: "ada@example.com", password: "difference-engine1" };

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${gateway}${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const login = (password: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams({ username: "ada", password }),
  });
const count = async (text: string) => (await stack.database("auth").query<{ n: number }>({ text })).rows[0]?.n;

test("six registrations at once make one user and one event for each target", async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => send("POST", "/auth/register", ada)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(5).fill(409)]);
  expect(await count("select count(*)::int as n from account where username = 'ada'")).toBe(1);
  const events = await stack
    .database("auth")
    .query<{ target: string }>({ text: "select target from event_outbox where event_type = 'auth.create.user'" });
  expect(new Set(events.rows.map(({ target }) => target)).size).toBe(events.rows.length);
});

test("strangers behind one address who choose the same key get nothing of one another's", async () => {
  const register = (username: string, email: string) =>
    send("POST", "/auth/register", { ...ada, username, email }, { "Idempotency-Key": "1" });
  const first = await register("babbage", "babbage@example.com");
  const sameBody = await register("babbage", "babbage@example.com");
  const otherBody = await register("menabrea", "menabrea@example.com");
  expect([first.status, sameBody.status, otherBody.status]).toEqual([201, 409, 201]);
  expect(await sameBody.json()).toMatchObject({ code: "username-taken" });
  expect(await count("select count(*)::int as n from idempotency_key")).toBe(0);
});

test("a key gives no more guesses at a password, and no token twice", async () => {
  for (let n = 0; n < 3; n += 1) await login("a wrong guess 1", { "Idempotency-Key": "l-1" });
  expect(await count("select max(attempts)::int as n from password_attempt")).toBe(3);
  const [first, second] = [
    await login(ada.password, { "Idempotency-Key": "l-2" }),
    await login(ada.password, { "Idempotency-Key": "l-2" }),
  ];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await first.json()).not.toEqual(await second.json());
  expect(await count("select count(*)::int as n from idempotency_key where scope like '%login%'")).toBe(0);
});

test("a key does not undo the end of a stolen session", async () => {
  const { headers } = await login(ada.password);
  const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const refresh = (key: string) =>
    fetch(`${gateway}/auth/token/refresh`, { method: "POST", headers: { Cookie: cookie, "Idempotency-Key": key } });
  const renewed = await refresh("t-1");
  expect(renewed.status).toBe(200);
  expect((await refresh("t-2")).status).toBe(401);
  const next = renewed.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const stolen = await fetch(`${gateway}/auth/token/refresh`, { method: "POST", headers: { Cookie: next } });
  expect(stolen.status).toBe(401);
});

test("a change that another service makes is made once, and answered as before, from a row that holds no plain hash", async () => {
  const { access_token } = Object(await (await login(ada.password)).json());
  const rename = () =>
    send(
      "PATCH",
      "/users/me/username",
      { new_username: "lovelace" },
      {
        Authorization: `Bearer ${access_token}`,
        "Idempotency-Key": "u-1",
      },
    );
  const first = await rename();
  expect(first.status).toBe(200);
  const again = await rename();
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  expect(await again.json()).toEqual(await first.json());
  const guessed = createHash("sha256").update(JSON.stringify({ body: { new_username: "lovelace" } }));
  const { rows } = await stack
    .database("auth")
    .query<{ request_hash: string }>({ text: "select request_hash from idempotency_key where key = 'u-1'" });
  expect(rows).toHaveLength(1);
  expect(rows[0]?.request_hash).not.toBe(guessed.digest("base64url"));
});
