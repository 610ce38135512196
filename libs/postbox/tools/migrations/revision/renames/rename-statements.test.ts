import { expect, test } from "@jest/globals";
import { DataTypes } from "sequelize";
import { migrationProject } from "../../../../../../test/migrations/project.ts";
import { id, named, uniqueColumn } from "../../../../../../test/migrations/sample-models.ts";
import type { ServiceModels } from "../../schema/service-models.ts";
import { parseRename } from "./rename.ts";

test("labels of an enum with apostrophes, commas and quotes are made, added, used and taken out", async () => {
  await using project = await migrationProject();
  const times = (...labels: readonly string[]): ServiceModels => ({
    defineModels: (sequelize) =>
      sequelize.define(
        "letter",
        { id, at: { type: DataTypes.ENUM(...labels), defaultValue: labels[0] } },
        named("letter"),
      ),
  });
  const last = times("noon", "sharp", "o'clock", 'the "hour"');
  const before = await project.snapshot();

  await project.make(times("o'clock", "noon, sharp"), "Keep times");
  await project.make(times("o'clock", "noon, sharp", "now or 'never'"), "Add one");
  await project.make(last, "Change them", { allowLoss: true });

  expect(await project.migrate("up")).toHaveLength(3);
  await project.query(`insert into letter values ('00000000-0000-7000-8000-000000000001', 'o''clock')`);
  expect(await project.query("select at from letter")).toEqual([{ at: "o'clock" }]);
  expect(await project.check(last)).toBe("clean");
  await project.migrate("down", 3);
  expect(await project.snapshot()).toEqual(before);
});

test("a column is renamed whatever its name is made of, and the names that come from it follow", async () => {
  await using project = await migrationProject();
  await project.make(uniqueColumn("size (cm)"), "Keep sizes");
  const asked = project.make(uniqueColumn("size [$&]"), "Call it otherwise");

  await expect(asked).rejects.toMatchObject({
    message: expect.stringContaining("--rename person.size (cm):size [$&]"),
  });
  const renames = [parseRename("person.size (cm):size [$&]")];
  await project.make(uniqueColumn("size [$&]"), "Call it otherwise", { renames });

  await project.migrate("up");
  expect(await project.snapshot()).toContain('constraint person.person_size [$&]_key UNIQUE ("size [$&]")');
});
