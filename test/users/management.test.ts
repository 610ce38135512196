import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { roles } from "postbox";
import { type Identity, type Person, startIdentity } from "../auth/identity.ts";

let identity: Identity;
let root: Person;
beforeAll(async () => {
  identity = await startIdentity();
  await identity.settled();
  root = await identity.root();
});
afterAll(() => identity?.stop());

/** Gives a role, and logs the user in again: the token that was out still says the old one. */
async function promoted(username: string, new_role: string): Promise<Person> {
  const { id } = await identity.person(username);
  expect((await setRole(root, id, new_role)).status).toBe(200);
  await identity.settled();
  const { body } = await identity.api.login(username);
  return { id, username, token: String(body.access_token), cookie: "" };
}

const setRole = ({ token }: Person, id: string, new_role: string) =>
  identity.api.send(`PATCH /users/management/users/${id}/role`, { token, json: { new_role } });

test("the roles are shown to management, refused to a user, and asked for a token of anybody else", async () => {
  const { api, person } = identity;
  const path = "GET /users/management/roles";
  const admin = await promoted("manager", "admin");
  for (const { token } of [root, admin])
    expect(await api.send(path, { token })).toMatchObject({ status: 200, body: [...roles] });
  expect(await api.send(path, { token: (await person("plain")).token })).toMatchObject({
    status: 403,
    body: { code: "forbidden" },
  });
  expect(await api.send(path)).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
});

test("management finds a user by name or address, in any case", async () => {
  const { api, person } = identity;
  const { id } = await person("sought");
  const find = (given: string) =>
    api.send(`GET /users/management/users?username_email=${given}`, { token: root.token });
  for (const given of ["sought", "SOUGHT", "sought@example.com", "Sought@Example.com"])
    expect(await find(given)).toMatchObject({ status: 200, body: { id, username: "sought" } });
  expect(await find("nobody")).toMatchObject({ status: 404, body: { code: "not-found" } });
});

test("a name that has moved finds whom it belongs to now, not whom a copy still shows under it", async () => {
  const { api, person, users, settled } = identity;
  const former = await person("moving-name");
  const { token } = former;
  await api.send("PATCH /users/me/username", { token, json: { new_username: "moved-away" } });
  await settled();
  // As it is while the news of the change is on its way.
  await users.query({ text: "update profile set username = 'moving-name' where id = $1", values: [former.id] });
  const find = (given: string) =>
    api.send(`GET /users/management/users?username_email=${given}`, { token: root.token });
  expect((await find("moving-name")).status).toBe(404);
  expect(await find("moved-away")).toMatchObject({ status: 200, body: { id: former.id, username: "moved-away" } });
  const { id, token: heirs } = await person("heir-of-name");
  await api.send("PATCH /users/me/username", { token: heirs, json: { new_username: "moving-name" } });
  expect(await find("moving-name")).toMatchObject({ status: 200, body: { id } });
});

test("management pages through users, filtered and sorted, and meets each once", async () => {
  const { api, person, users } = identity;
  for (const n of [1, 2, 3, 4, 5]) await person(`listed${n}`);
  await users.query({ text: "update profile set verified = true where username like 'listed%'" });
  const page = async (query: string) => {
    const { status, body } = await api.send(`GET /users/management/users?${query}`, { token: root.token });
    expect(status).toBe(200);
    return { ...body, users: (body.users as { username: string }[]).map(({ username }) => username) };
  };
  const filter = "role=user&verified=true&sort=username&page_size=2";
  expect(await page(filter)).toEqual({ users: ["listed1", "listed2"], total: 5, page: 1, page_size: 2 });
  expect(await page(`${filter}&page=3`)).toEqual({ users: ["listed5"], total: 5, page: 3, page_size: 2 });
  expect(await page(`${filter}&page=4`)).toEqual({ users: [], total: 5, page: 4, page_size: 2 });
  expect((await page("verified=true&sort=-created_at&role=user")).users[0]).toBe("listed5");
});

test.each(["page=0", "page_size=101", "sort=password_hash", "role=emperor", "password=x"])(
  "a listing by %s is refused",
  async (query) => {
    const answer = await identity.api.send(`GET /users/management/users?${query}`, { token: root.token });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation-failed" } });
  },
);

test("a changed role reaches the users service, and the next refresh brings it", async () => {
  const { api, person, settled } = identity;
  const { id, cookie } = await person("rising");
  expect((await setRole(root, id, "admin")).status).toBe(200);
  await settled();
  const { body } = await api.refresh(cookie);
  const token = String(body.access_token);
  expect((await api.send("GET /users/me", { token })).body).toMatchObject({ role: "admin" });
  expect((await api.send("GET /users/management/roles", { token })).status).toBe(200);
});

test("only root makes or unmakes a root, and nobody changes their own role", async () => {
  const { person } = identity;
  const admin = await promoted("deputy", "admin");
  const { id } = await person("subject");
  expect((await setRole(admin, id, "root")).status).toBe(403);
  expect((await setRole(admin, root.id, "user")).status).toBe(403);
  expect((await setRole(admin, admin.id, "user")).status).toBe(403);
  expect((await setRole(root, root.id, "user")).status).toBe(403);
  expect((await setRole(admin, id, "admin")).status).toBe(200);
});

test("a role that is the present one, is none, or is meant for nobody is refused", async () => {
  const { id } = await identity.person("steady");
  expect(await setRole(root, id, "user")).toMatchObject({ status: 400, body: { code: "no-change" } });
  expect(await setRole(root, id, "emperor")).toMatchObject({ status: 422 });
  expect(await setRole(root, "01890000-0000-7000-8000-000000000000", "admin")).toMatchObject({ status: 404 });
  expect(await setRole(root, "12", "admin")).toMatchObject({ status: 422 });
});
