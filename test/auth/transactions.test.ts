import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ServiceSchema } from "moleculer";
import { service } from "postbox";
import { type EntityMethods, entities, type StoreFields, type StoreMethods, store } from "postbox/mixins";
import { setup, type TestStack } from "postbox/testing";
import { v7 as uuid } from "uuid";
import { createUser } from "../../libs/auth/events.ts";
import type { PublicUser } from "../../libs/auth/user.ts";
import { type AuthModels, defineModels as defineAuth } from "../../services/auth/models.ts";
import { defineModels as defineUsers, type UsersModels } from "../../services/users/models.ts";

type Keeper<M extends AuthModels | UsersModels> = StoreFields<M> & StoreMethods & EntityMethods;

let stack: TestStack;
let auth: Keeper<AuthModels>;
let users: Keeper<UsersModels>;

/** A service with nothing but its store, to work in its transactions from here. */
const keepers: readonly ServiceSchema[] = [
  service({ name: "auth.keeper", mixins: [store("auth", defineAuth), entities<AuthModels>("Account")] }),
  service({ name: "users.keeper", mixins: [store("users", defineUsers), entities<UsersModels>("Profile")] }),
];

beforeAll(async () => {
  stack = await setup();
  const { broker } = await stack.startServices(keepers);
  auth = broker.getLocalService("auth.keeper") as unknown as Keeper<AuthModels>;
  users = broker.getLocalService("users.keeper") as unknown as Keeper<UsersModels>;
});
afterAll(() => stack?.stop());

const account = (username: string) => ({
  id: uuid(),
  username,
  email: `${username}@example.com`,
  password_hash: "none",
});

const user = (username: string): PublicUser => ({
  id: uuid(),
  username,
  email: `${username}@example.com`,
  role: "user",
  verified: false,
  disabled: false,
  created_at: new Date(0).toISOString(),
});

async function count(name: "auth" | "users", table: string): Promise<number> {
  const { rows } = await stack.database(name).query<{ count: number }>({
    text: `select count(*)::integer as count from ${table}`,
  });
  return rows[0]?.count ?? -1;
}

test("a registration that is rolled back leaves nothing: no user, no event", async () => {
  const given = user("undone");
  await expect(
    auth.transaction(async (tx) => {
      await auth.models.Account.create(account("undone"));
      tx.enqueue(createUser, { user: given });
      throw new Error("Something failed after all was written.");
    }),
  ).rejects.toThrow("Something failed");
  expect(await count("auth", "account")).toBe(0);
  expect(await count("auth", "event_outbox")).toBe(0);
  expect(await count("auth", "outbox_mailbox")).toBe(0);
});

test("what moleculer-db's adapter creates inside a transaction rolls back with it", async () => {
  await expect(
    auth.transaction(async () => {
      const created = await auth._create(null, account("adapted"));
      expect(created).toMatchObject({ username: "adapted", role: "user" });
      expect(await count("auth", "account")).toBe(0);
      throw new Error("Taken back.");
    }),
  ).rejects.toThrow("Taken back");
  expect(await count("auth", "account")).toBe(0);
});

test("what moleculer-db's adapter creates commits with the transaction and its event", async () => {
  await auth.transaction(async (tx) => {
    await auth._create(null, account("kept"));
    tx.enqueue(createUser, { user: user("kept") });
  });
  expect(await count("auth", "account where username = 'kept'")).toBe(1);
  expect(await count("auth", "event_outbox")).toBe(2);
});

test("two services in one process do not share a transaction", async () => {
  await expect(
    auth.transaction(async () => {
      await users.models.Profile.create({ ...user("apart"), created_at: new Date() });
      await users.transaction(async (tx) => {
        const { rows } = await tx.query<{ name: string }>({ text: "select current_database() as name" });
        expect(rows[0]?.name).toBe(stack.config.USERS_DATABASE);
      });
      await auth.models.Account.create(account("apart"));
      throw new Error("Only auth is taken back.");
    }),
  ).rejects.toThrow("Only auth");
  expect(await count("auth", "account where username = 'apart'")).toBe(0);
  expect(await count("users", "profile where username = 'apart'")).toBe(1);
});
