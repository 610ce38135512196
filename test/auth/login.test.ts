import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hash, parseOptions } from "@node-rs/argon2";
import jwt from "jsonwebtoken";
import { callAsService } from "postbox";
import { setDisabled } from "../../libs/auth/actions.ts";
import { addressOf, password, textOf } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({}, ["auth", "gateway"]);
});
afterAll(() => identity?.stop());

test("a login by name or by address, in any case, gives an access token and a guarded cookie", async () => {
  const { api } = identity;
  await api.register("ada");
  for (const username of ["ada", "ADA", addressOf("ada"), addressOf("ada").toUpperCase()]) {
    const { status, body, headers } = await api.login(username);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: "bearer", expires_in: 900 });
    const [cookie = ""] = headers.getSetCookie();
    expect(cookie.split("; ").slice(1).sort()).toEqual([
      "HttpOnly",
      `Max-Age=${60 * 24 * 3600}`,
      "Path=/auth",
      "SameSite=Lax",
      "Secure",
    ]);
  }
});

test("a login takes the grant type that OAuth 2 clients send with a password, and no other", async () => {
  const { api } = identity;
  await api.register("oauth");
  const login = (grant_type: string) =>
    api.send("POST /auth/login", {
      form: { grant_type, client_id: "app", client_secret: "s", scope: "a b", username: "oauth", password },
    });
  expect((await login("password")).status).toBe(200);
  expect(await login("client_credentials")).toMatchObject({ status: 422, body: { code: "validation-failed" } });
});

test("one password, typed on two keyboards, logs in", async () => {
  const { api } = identity;
  await api.register("accented", { password: "Caf\u00e9#1234" });
  expect((await api.login("accented", "Cafe\u0301#1234")).status).toBe(200);
});

test("the token says who it is, in which role, and for how long", async () => {
  const { api } = identity;
  const user = (await api.register("claims")).body;
  const { body } = await api.login("claims");
  const claims = jwt.decode(textOf(body, "access_token"));
  expect(claims).toMatchObject({
    sub: user.id,
    role: "user",
    verified: false,
    type: "access",
    jti: expect.any(String),
  });
});

test.each([
  ["an unknown name", { username: "nobody", password }],
  ["a wrong password", { username: "ada", password: "Wrong#Password1" }],
  ["an empty password", { username: "ada", password: "" }],
  ["a password that breaks the rules", { username: "ada", password: "x" }],
  ["a password of 5,000 characters", { username: "ada", password: "x".repeat(5_000) }],
  ["a name that breaks the rules", { username: "a b", password }],
  ["no name", { password }],
  ["no password", { username: "ada" }],
  ["nothing", {}],
])("%s is answered with 401 and the same body", async (_, form: Record<string, string>) => {
  const { status, body, cookie } = await identity.api.send("POST /auth/login", { form });
  expect(status).toBe(401);
  expect({ ...body, instance: "", request_id: "" }).toEqual({
    ...(await identity.api.login("somebody-else")).body,
    instance: "",
    request_id: "",
  });
  expect(cookie).toBeUndefined();
});

test("a password made with older parameters is hashed anew at the login", async () => {
  const { api, auth } = identity;
  await api.register("veteran");
  const old = await hash(password, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  await auth.query({ text: "update account set password_hash = $1 where username = 'veteran'", values: [old] });
  expect((await api.login("veteran")).status).toBe(200);
  const { rows } = await auth.query<{ password_hash: string }>({
    text: "select password_hash from account where username = 'veteran'",
  });
  expect(parseOptions(rows[0]?.password_hash ?? "")).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  expect((await api.login("veteran")).status).toBe(200);
});

test("a user who is shut out cannot log in, and nobody learns that without the password", async () => {
  const { api, services } = identity;
  const user_id = textOf((await api.register("outcast")).body, "id");
  const set = (disabled: boolean) => callAsService(services.broker, "users", setDisabled, { user_id, disabled });
  await set(true);
  expect(await api.login("outcast")).toMatchObject({ status: 403, body: { code: "disabled-user" } });
  expect((await api.login("outcast", "Wrong#Password1")).status).toBe(401);
  await set(false);
  expect((await api.login("outcast")).status).toBe(200);
});
