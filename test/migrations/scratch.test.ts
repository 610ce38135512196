import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { checkMigrations } from "../../libs/postbox/tools/migrations/check.ts";
import { until } from "../harness/index.ts";
import { ground } from "./ground.ts";

test("a scratch database that a killed process left behind is dropped by the next, one of this hour is not", async () => {
  await using here = await ground();
  const [old, young] = [0, Date.now()].map((time) => `postbox_scratch_${time}_${randomBytes(6).toString("hex")}`);
  await here.query(`create database ${old}`);
  await here.query(`create database ${young}`);

  await checkMigrations("test", here.target, { folder: here.folder, models: { defineModels: () => undefined } });

  const names = async () =>
    (await here.query<{ datname: string }>("select datname from pg_database")).map((row) => row.datname);
  // Another test may be dropping it at the same time: then it is gone a moment later.
  await until(async () => !(await names()).includes(`${old}`), { what: "the old one is gone" });
  expect(await names()).toContain(young);
  await here.query(`drop database ${young}`);
});
