import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { setup } from "postbox/testing";
import { DataTypes } from "sequelize";
import { adapterVersion, ServiceAdapter } from "./service-adapter.ts";

test("the installed version of moleculer-db's adapter is the one whose source was read", () => {
  const { version } = createRequire(import.meta.url)("moleculer-db-adapter-sequelize/package.json");
  expect(version).toBe(adapterVersion);
});

test("the adapter works on the model that it is given, and joins the caller's transaction", async () => {
  await using stack = await setup();
  const database = stack.database("auth");
  await database.query({ text: "create table thing (id serial primary key, n integer)" });
  const model = database.sequelize.define("thing", { n: DataTypes.INTEGER }, { tableName: "thing", timestamps: false });
  const broker = new ServiceBroker({ logger: false });
  const adapter = new ServiceAdapter(() => model);
  adapter.init(broker, broker.createService({ name: "things" }));
  await adapter.connect();
  const work = database.transaction(async () => {
    await adapter.insert({ n: 1 });
    expect(await adapter.count({})).toBe(1);
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await adapter.count({})).toBe(0);
});
