import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { password } from "../auth/api.ts";
import { type Identity, startIdentity } from "../auth/identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity?.stop());

const newPassword = "Another#Password2";

test("a user's own record comes from the users service's own database", async () => {
  const { api, person, users } = identity;
  const { id, token } = await person("ada");
  const { status, body } = await api.send("GET /users/me", { token });
  expect(status).toBe(200);
  expect(body).toEqual({
    id,
    username: "ada",
    email: "ada@example.com",
    role: "user",
    verified: false,
    disabled: false,
    created_at: expect.any(String),
  });
  await users.query({ text: "update profile set email = 'copy@example.com' where id = $1", values: [id] });
  expect((await api.send("GET /users/v1/me", { token })).body).toMatchObject({ email: "copy@example.com" });
});

test("a user who has just registered is shown at once", async () => {
  const { api } = identity;
  await api.register("eager");
  const { body } = await api.login("eager");
  expect(await api.send("GET /users/me", { token: String(body.access_token) })).toMatchObject({
    status: 200,
    body: { username: "eager" },
  });
});

test("a record that does not come is 503 with Retry-After, not 404", async () => {
  const { api, person, users } = identity;
  const { id, token } = await person("early");
  await users.query({ text: "delete from profile where id = $1", values: [id] });
  const { status, headers, body } = await api.send("GET /users/me", { token });
  expect({ status, code: body.code, retryAfter: headers.get("retry-after") }).toEqual({
    status: 503,
    code: "profile-pending",
    retryAfter: "1",
  });
});

test("a change of name reaches every service, and the old name logs in no more", async () => {
  const { api, person, users, emails, settled } = identity;
  const { id, token } = await person("caterpillar");
  const answer = await api.send("PATCH /users/me/username", { token, json: { new_username: "Butter.Fly" } });
  expect(answer).toMatchObject({ status: 200, body: { message: expect.stringContaining("butter.fly") } });
  await settled();
  for (const [database, table] of [
    [users, "profile"],
    [emails, "recipient"],
  ] as const)
    expect((await database.query({ text: `select username from ${table} where id = $1`, values: [id] })).rows).toEqual([
      { username: "butter.fly" },
    ]);
  expect((await api.login("caterpillar")).status).toBe(401);
  expect((await api.login("butter.fly")).status).toBe(200);
});

test("a taken name is a conflict at once, one's own is no change, and an ill-formed one breaks a rule", async () => {
  const { api, person } = identity;
  await person("first");
  const { token } = await person("second");
  const rename = (new_username: string) => api.send("PATCH /users/me/username", { token, json: { new_username } });
  expect(await rename("FIRST")).toMatchObject({ status: 409, body: { code: "username-taken" } });
  expect(await rename("Second")).toMatchObject({ status: 400, body: { code: "no-change" } });
  expect(await rename("a b")).toMatchObject({ status: 422, body: { code: "validation-failed" } });
  expect((await api.send("PATCH /users/me/username", { json: { new_username: "third" } })).status).toBe(401);
});

test("of many users who take one name at once, one gets it", async () => {
  const { api, person, users, settled } = identity;
  const tokens: string[] = [];
  for (let n = 0; n < 6; n += 1) tokens.push((await person(`claimant${n}`)).token);
  const claims = tokens.map((token) =>
    api.send("PATCH /users/me/username", { token, json: { new_username: "prize" } }),
  );
  expect((await Promise.all(claims)).map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(409)]);
  await settled();
  expect((await users.query({ text: "select from profile where username = 'prize'" })).rows).toHaveLength(1);
});

test("a change of password needs the current one, ends all sessions and lets only the new one in", async () => {
  const { api, person } = identity;
  const { token, cookie } = await person("cautious");
  const change = (current_password: string, new_password: string) =>
    api.send("PATCH /users/me/password", { token, json: { current_password, new_password } });
  expect(await change("Wrong#Password1", newPassword)).toMatchObject({ status: 400, body: { code: "wrong-password" } });
  expect(await change(password, password)).toMatchObject({ status: 400, body: { code: "no-change" } });
  expect(await change(password, "weak")).toMatchObject({ status: 422 });
  expect((await change(password, newPassword)).status).toBe(200);
  expect((await api.refresh(cookie)).status).toBe(401);
  expect((await api.login("cautious")).status).toBe(401);
  expect((await api.login("cautious", newPassword)).status).toBe(200);
});
