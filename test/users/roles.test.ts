import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { callAsService } from "postbox";
import { setDisabled } from "../../libs/auth/actions.ts";
import { type Identity, type Person, startIdentity } from "../auth/identity.ts";

let identity: Identity;
let root: Person;
beforeAll(async () => {
  identity = await startIdentity();
  await identity.settled();
  root = await identity.root();
});
afterAll(() => identity?.stop());

const setRole = ({ token }: Person, id: string, new_role: string) =>
  identity.api.send(`PATCH /users/management/users/${id}/role`, { token, json: { new_role } });

/** Writes a role past the API, which would revoke the tokens that are out. */
const writeRole = ({ id }: Person, role: string) =>
  identity.auth.query({ text: "update account set role = $2 where id = $1", values: [id, role] });

async function roleOf({ id }: Person): Promise<unknown> {
  const { rows } = await identity.auth.query({ text: "select role from account where id = $1", values: [id] });
  return rows[0]?.role;
}

/** Somebody whose token says this role. */
async function personOf(username: string, role: string): Promise<Person> {
  const person = await identity.person(username);
  await writeRole(person, role);
  const { body } = await identity.api.login(username);
  return { ...person, token: String(body.access_token) };
}

test("nobody changes their own role, however the id is written", async () => {
  for (const id of [root.id, root.id.toUpperCase(), `urn:uuid:${root.id}`])
    expect((await setRole(root, id, "user")).status).not.toBe(200);
  expect(await setRole(root, root.id.toUpperCase(), "user")).toMatchObject({
    status: 403,
    body: { code: "forbidden" },
  });
  expect(await roleOf(root)).toBe("root");
});

test.each([
  ["root", "user", "root"],
  ["root", "admin", "root"],
  ["admin", "user", "admin"],
])("who was %s and is %s by now can make nobody %s, though the token says otherwise", async (was, is, wanted) => {
  const person = await personOf(`was-${was}-is-${is}`, was);
  const friend = await identity.person(`friend-of-${was}-${is}`);
  await writeRole(person, is);
  expect(await setRole(person, friend.id, wanted)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await roleOf(friend)).toBe("user");
});

test("who is shut out by now changes nobody's role", async () => {
  const person = await personOf("shut-out-admin", "admin");
  const friend = await identity.person("friend-of-shut-out");
  await identity.auth.query({ text: "update account set disabled = true where id = $1", values: [person.id] });
  expect(await setRole(person, friend.id, "admin")).toMatchObject({ status: 403, body: { code: "forbidden" } });
});

test("who was shut out before being made root can be let in again, and a root cannot be shut out", async () => {
  const { id } = await identity.person("outcast-root");
  const set = (disabled: boolean) =>
    callAsService(identity.services.broker, "users", setDisabled, { user_id: id, disabled });
  await set(true);
  expect((await setRole(root, id, "root")).status).toBe(200);
  await set(false);
  await expect(set(true)).rejects.toMatchObject({ type: "forbidden" });
});

test("of two roots who unmake each other at once, one is left", async () => {
  const [one, other] = [await personOf("one-root", "root"), await personOf("other-root", "root")];
  const before = await rootsOf([one, other]);
  const answers = await Promise.all([setRole(one, other.id, "user"), setRole(other, one.id, "user")]);
  expect(before).toBe(2);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await rootsOf([one, other])).toBe(1);
});

async function rootsOf(people: readonly Person[]): Promise<number> {
  return (await Promise.all(people.map(roleOf))).filter((role) => role === "root").length;
}
