import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { until } from "../../../../../test/harness/index.ts";
import { migrationProject } from "../../../../../test/migrations/project.ts";
import { checkMigrations } from "../schema/check-migrations.ts";

test("a scratch database that a killed process left behind is dropped by the next, one of this hour is not", async () => {
  await using project = await migrationProject();
  const [old, young] = [0, Date.now()].map((time) => `postbox_scratch_${time}_${randomBytes(6).toString("hex")}`);
  await project.query(`create database ${old}`);
  await project.query(`create database ${young}`);

  await checkMigrations("test", project.target, { folder: project.folder, models: { defineModels: () => undefined } });

  const names = async () =>
    (await project.query<{ datname: string }>("select datname from pg_database")).map((row) => row.datname);
  // Another test may be dropping it at the same time: then it is gone a moment later.
  await until(async () => !(await names()).includes(`${old}`), { what: "the old one is gone" });
  expect(await names()).toContain(young);
  await project.query(`drop database ${young}`);
});
