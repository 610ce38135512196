import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { addressOf, password, textOf, untilTaken } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity?.stop());

test("a registration becomes a user in all three databases, and both outbox rows are processed", async () => {
  const { api, auth, users, emails, settled } = identity;
  const { status, body } = await api.register("Ada.Lovelace");
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    username: "ada.lovelace",
    email: "ada.lovelace@example.com",
    role: "user",
    verified: false,
    disabled: false,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });

  await settled();
  const id = textOf(body, "id");
  const of = (table: string) => ({ text: `select username, email from ${table} where id = $1`, values: [id] });
  const expected = [{ username: "ada.lovelace", email: "ada.lovelace@example.com" }];
  expect((await auth.query(of("account"))).rows).toEqual(expected);
  expect((await users.query(of("profile"))).rows).toEqual(expected);
  expect((await emails.query(of("recipient"))).rows).toEqual(expected);
  const outbox = await auth.query({
    text: "select target, status from event_outbox where event_type = 'auth.create.user' and key = $1 order by target",
    values: [id],
  });
  expect(outbox.rows).toEqual([
    { target: "emails", status: "processed" },
    { target: "users", status: "processed" },
  ]);
});

test("the versioned path registers as the latest one does", async () => {
  const json = { username: "versioned", email: "versioned@example.com", password };
  expect((await identity.api.send("POST /auth/v1/register", { json })).status).toBe(201);
});

test.each([
  ["a name of 2 characters", { username: "ab" }, "body.username"],
  ["a name of 23 characters", { username: "a".repeat(23) }, "body.username"],
  ["a name that begins with a dot", { username: ".ada" }, "body.username"],
  ["a name that ends with a hyphen", { username: "ada-" }, "body.username"],
  ["a name with two separators in a row", { username: "ada._b" }, "body.username"],
  ["a name with a letter outside ASCII", { username: "adé" }, "body.username"],
  ["an address without a domain", { email: "ada" }, "body.email"],
  ["an address of 255 characters", { email: `a@${"b".repeat(60)}.${"c".repeat(180)}.example.com` }, "body.email"],
  ["a password of 7 characters", { password: "Abc#123" }, "body.password"],
  ["a password of 41 characters", { password: `Abc#123${"x".repeat(34)}` }, "body.password"],
  ["a password without a letter", { password: "1234567#" }, "body.password"],
  ["a password without a digit", { password: "abcdefg#" }, "body.password"],
  ["a password without a symbol", { password: "abcdefg1" }, "body.password"],
  ["a password with a space", { password: "abc def#1" }, "body.password"],
  ["a field that nobody knows", { role: "root" }, "body.role"],
])("%s is refused with the field and leaves nothing", async (_, changes, field) => {
  const { status, headers, body } = await identity.api.register("unlucky", changes);
  expect(status).toBe(422);
  expect(headers.get("content-type")).toContain("application/problem+json");
  expect(body).toMatchObject({
    code: "validation-failed",
    errors: expect.arrayContaining([expect.objectContaining({ field })]),
  });
  const { rows } = await identity.auth.query({ text: "select from account where username = 'unlucky'" });
  expect(rows).toHaveLength(0);
});

test.each(["abc", "A1x", "a.b-c_d"])("the name '%s' keeps the rule", async (username) => {
  expect((await identity.api.register(username)).status).toBe(201);
});

test("a name or an address that is taken is a conflict, in any case", async () => {
  const { api } = identity;
  await api.register("taken");
  expect(await api.register("TAKEN", { email: "other@example.com" })).toMatchObject({
    status: 409,
    body: { code: "username-taken" },
  });
  expect(await api.register("other", { email: addressOf("taken").toUpperCase() })).toMatchObject({
    status: 409,
    body: { code: "email-taken" },
  });
});

test("blanks around a name or an address are dropped wherever one is given, and those around a password count", async () => {
  const { api, root, settled } = identity;
  const padded = { username: "\u00a0Padded \t", email: " Padded@Example.com\n", password: ` ${password}` };
  expect(await api.send("POST /auth/register", { json: padded })).toMatchObject({ status: 422 });
  expect(await api.send("POST /auth/register", { json: { ...padded, password } })).toMatchObject({
    status: 201,
    body: { username: "padded", email: "padded@example.com" },
  });
  expect(await api.register(" PADDED ", { email: "another@example.com" })).toMatchObject({ status: 409 });
  for (const name of [" padded ", "PADDED@example.com ", "ｐａｄｄｅｄ"]) {
    expect((await api.login(name)).status).toBe(200);
    expect((await api.login(name, `${password} `)).status).toBe(401);
  }
  await settled();
  const { token } = await root();
  expect(await api.send("GET /users/management/users?username_email=%20Padded%20", { token })).toMatchObject({
    body: { username: "padded" },
  });
  const { body } = await api.login("padded");
  const rename = { token: textOf(body, "access_token"), json: { new_username: " Unpadded " } };
  expect((await api.send("PATCH /users/me/username", rename)).status).toBe(200);
  expect((await api.login("unpadded")).status).toBe(200);
});

test.each(["admin", "Administrator", "SUPPORT", "post.master", "ad-min", "no_reply"])(
  "the name '%s' is reserved, for a new user and as a new name",
  async (name) => {
    const { api } = identity;
    expect(await api.register(name)).toMatchObject({ status: 409, body: { code: "username-taken" } });
    await api.register("plain-name");
    const token = textOf((await api.login("plain-name")).body, "access_token");
    expect(await api.send("PATCH /users/me/username", { token, json: { new_username: name } })).toMatchObject({
      status: 409,
      body: { code: "username-taken" },
    });
  },
);

test("of 50 registrations of one name at once, one succeeds and 49 are conflicts", async () => {
  const { api, auth, settled } = identity;
  const attempts = Array.from({ length: 50 }, (_, n) =>
    untilTaken(() => api.register("popular", { email: `popular${n}@example.com` })),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
  expect(statuses).toEqual([201, ...Array(49).fill(409)]);
  await settled();
  const { rows } = await auth.query({
    text: "select from event_outbox where event_type = 'auth.create.user' and data->'user'->>'username' = 'popular'",
  });
  expect(rows).toHaveLength(2);
});

test("the root user is made at the start, and a second start leaves it alone", async () => {
  const { stack, api, root, users, settled } = identity;
  const { id, token } = await root();
  await stack.startServices(["auth"]);
  await settled();
  const { rows } = await users.query({ text: "select id, role, verified from profile where username = 'root'" });
  expect(rows).toEqual([{ id, role: "root", verified: true }]);
  expect((await api.send("GET /users/me", { token })).body).toMatchObject({ id, role: "root" });
});

test("no outbox or inbox row holds a password or a hash of one", async () => {
  const { auth, users, emails, api, settled } = identity;
  await api.register("secretive");
  await settled();
  for (const database of [auth, users, emails])
    for (const table of ["event_outbox", "event_inbox"]) {
      const { rows } = await database.query<{ text: string }>({ text: `select t::text as text from ${table} as t` });
      const all = rows.map(({ text }) => text).join("\n");
      expect(all).not.toContain(password);
      expect(all).not.toContain("argon2");
    }
});
