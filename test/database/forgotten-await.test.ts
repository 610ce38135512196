import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Service, ServiceBroker } from "moleculer";
import { action, type Database, defineEvent, defineJob, handle, type JobRun, service } from "postbox";
import { mailbox, type StoreFields, type StoreMethods, scheduler, store } from "postbox/mixins";
import { runJobNow, setup, type TestStack, until } from "postbox/testing";
import { DataTypes, type Model, type ModelStatic, type Sequelize } from "sequelize";
import Type from "typebox";

interface Things extends Record<string, ModelStatic<Model>> {
  Thing: ModelStatic<Model>;
}
type Keeper = Service & StoreFields<Things> & StoreMethods;

const defineThings = (sequelize: Sequelize): Things => ({
  Thing: sequelize.define("thing", { n: DataTypes.INTEGER }, { tableName: "thing" }),
});
const insert = { text: "insert into thing (n) values (1)" };
const slow = { text: "insert into thing (n) select 1 from pg_sleep(0.2)" };
const told = defineEvent({
  service: "auth",
  name: "tell",
  version: 1,
  targets: ["users"],
  schema: Type.Object({ n: Type.Integer() }),
});
const forgetting = (work: (keeper: Keeper) => unknown) =>
  action({
    access: "public",
    async handler(this: Keeper) {
      await work(this);
    },
  });

/** Each lacks one `await`. */
const forgetful = {
  "of a statement": forgetting((keeper) => keeper.transaction(async (tx) => void tx.query(slow))),
  "of a call of a model": forgetting((keeper) =>
    keeper.transaction(async () => void keeper.models.Thing.create({ n: 1 })),
  ),
  "of a transaction inside another": forgetting((keeper) =>
    keeper.transaction(async (tx) => {
      void keeper.transaction(async () => {
        await tx.query(insert);
        await tx.query(insert);
      });
    }),
  ),
  "of its transaction": forgetting((keeper) => void keeper.transaction((tx) => tx.query(insert))),
};

let stack: TestStack;
let users: Database;
let broker: ServiceBroker;
beforeAll(async () => {
  stack = await setup();
  users = stack.database("users");
  await users.query({ text: "create table thing (id serial primary key, n integer)" });
  const handlers = [
    handle(told, async ({ data }, { models }: { models: Things }) => void models.Thing.create(data), {
      maxAttempts: 1,
    }),
  ];
  const jobs = [
    defineJob({
      name: "forgetful",
      schedule: { at: new Date("2999-01-01T00:00:00Z") },
      handler: async ({ transaction }: JobRun<Things>) => void transaction((tx) => tx.query(insert)),
    }),
  ];
  ({ broker } = await stack.startServices([
    service({ name: "users", mixins: [store("users", defineThings)], actions: forgetful }),
    service({ name: "users.worker", mixins: [mailbox("users", defineThings, handlers)] }),
    service({ name: "users.scheduler", mixins: [scheduler("users", defineThings, jobs)] }),
    service({ name: "auth", mixins: [store("auth", () => ({})), mailbox("auth", () => ({}), [])] }),
  ]));
});
beforeEach(() => users.query({ text: "truncate thing" }));
afterAll(() => stack?.stop());

/** Once the pool has all its connections back, nothing is under way. */
async function things(): Promise<number> {
  await until(async () => {
    const { rows } = await users.query({
      text: "select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
    });
    return rows.length === 0;
  });
  const { rows } = await users.query<{ n: number }>({ text: "select count(*)::int as n from thing" });
  return rows[0]?.n ?? -1;
}

test.each(Object.keys(forgetful))(
  "an action that forgets an await (%s) fails, and nothing of its transaction is kept",
  async (forgotten) => {
    await expect(broker.call(`users.${forgotten}`)).rejects.toMatchObject({ type: "transaction-over" });
    expect(await things()).toBe(0);
  },
);

test("a job that forgets the await of its transaction fails, and nothing is kept", async () => {
  await runJobNow(users, "forgetful", "test");
  const run = await until(async () => {
    const { rows } = await users.query({
      text: "select status, error_message from job_run where job = 'forgetful' and finished_at is not null",
    });
    return rows[0];
  });
  expect(run).toMatchObject({ status: "failed", error_message: expect.stringContaining("Await the transaction") });
  expect(await things()).toBe(0);
});

test("a handler that forgets the await of a model's call has failed: its event is not handled without its effect", async () => {
  await stack.publish(told, { n: 1 });
  await until(async () => (await stack.outbox("auth")).dead === 1);
  const { rows } = await stack.database("auth").query({ text: "select error_message from event_outbox" });
  expect(rows).toEqual([{ error_message: expect.stringContaining("went on after its end; await all it does") }]);
  expect(await things()).toBe(0);
});
