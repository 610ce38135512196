import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readConfig } from "postbox";
import { password } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({ ROOT_USER_PASSWORD: "" });
});
afterAll(() => identity?.stop());

const rootUser = { ROOT_USER_PASSWORD: "Root#Password1", ROOT_USER_EMAIL: "root@example.com" };

test.each(["x", "short#1", "nodigits#here", "nosymbol1234", `Long#1${"x".repeat(40)}`, "with space #1"])(
  "'%s' is no password for root, as it is none for anybody, and the message does not tell it",
  (given) => {
    const read = () => readConfig({ ...rootUser, ROOT_USER_PASSWORD: given });
    expect(read).toThrow("ROOT_USER_PASSWORD is (masked); expected 8 to 40 characters with a letter, a digit");
    expect(read).not.toThrow(`${given};`);
  },
);

test("the address of root keeps the rule of every address", () => {
  expect(() => readConfig({ ...rootUser, ROOT_USER_EMAIL: "root@localhost" })).toThrow(
    'ROOT_USER_EMAIL is "root@localhost"; expected an email address such as `root@postbox.example`',
  );
  expect(readConfig(rootUser)).toMatchObject(rootUser);
});

test("the placeholder is taken for root's password in local alone", () => {
  const placeholder = { ...rootUser, ROOT_USER_PASSWORD: "changethis" };
  expect(readConfig(placeholder)).toHaveProperty("ROOT_USER_PASSWORD", "changethis");
  expect(() => readConfig({ ...placeholder, ENVIRONMENT: "staging" })).toThrow("ROOT_USER_PASSWORD is left at");
});

test("nobody can take the name of root, neither by registering nor by a new name", async () => {
  const { api, person } = identity;
  for (const name of ["root", "Root"])
    expect(await api.register(name)).toMatchObject({ status: 409, body: { code: "username-taken" } });
  const { token } = await person("climber");
  expect(await api.send("PATCH /users/me/username", { token, json: { new_username: "ROOT" } })).toMatchObject({
    status: 409,
    body: { code: "username-taken" },
  });
});

test("a start that finds the name of root with somebody else makes no root and says so", async () => {
  const { api, auth, stack } = identity;
  await api.register("squatter");
  await auth.query({ text: "update account set username = 'root' where username = 'squatter'" });
  const spawned = await stack.spawnServices(["auth"], { env: rootUser });
  expect(await spawned.output()).toMatch(/No user 'root' was made.*has the role user/);
  expect((await auth.query({ text: "select from account where role = 'root'" })).rows).toEqual([]);
  expect((await api.login("root", password)).status).toBe(200);

  await auth.query({ text: "update account set username = 'squatter' where username = 'root'" });
  const second = await stack.spawnServices(["auth"], { env: rootUser });
  expect(await second.output()).not.toContain("No user 'root' was made");
  expect((await api.login("root", rootUser.ROOT_USER_PASSWORD)).status).toBe(200);
  const third = await stack.spawnServices(["auth"], { env: rootUser });
  expect(await third.output()).not.toContain("No user 'root' was made");
});
