import { expect, test } from "@jest/globals";
import { DataTypes } from "sequelize";
import { parseRename } from "../../libs/postbox/tools/migrations/renames.ts";
import type { ServiceModels } from "../../libs/postbox/tools/migrations/service-models.ts";
import { ground } from "./ground.ts";
import { check, id, made, named, uniqueColumn } from "./made.ts";

test("labels of an enum with apostrophes, commas and quotes are made, added, used and taken out", async () => {
  await using here = await ground();
  const times = (...labels: readonly string[]): ServiceModels => ({
    defineModels: (sequelize) =>
      sequelize.define(
        "letter",
        { id, at: { type: DataTypes.ENUM(...labels), defaultValue: labels[0] } },
        named("letter"),
      ),
  });
  const last = times("noon", "sharp", "o'clock", 'the "hour"');
  const before = await here.snapshot();

  await made(here, times("o'clock", "noon, sharp"), "Keep times");
  await made(here, times("o'clock", "noon, sharp", "now or 'never'"), "Add one");
  await made(here, last, "Change them", { allowLoss: true });

  expect(await here.migrate("up")).toHaveLength(3);
  await here.query(`insert into letter values ('00000000-0000-7000-8000-000000000001', 'o''clock')`);
  expect(await here.query("select at from letter")).toEqual([{ at: "o'clock" }]);
  expect(await check(here, last)).toBe("clean");
  await here.migrate("down", 3);
  expect(await here.snapshot()).toEqual(before);
});

test("a column is renamed whatever its name is made of, and the names that come from it follow", async () => {
  await using here = await ground();
  await made(here, uniqueColumn("size (cm)"), "Keep sizes");
  const asked = made(here, uniqueColumn("size [$&]"), "Call it otherwise");

  await expect(asked).rejects.toMatchObject({
    message: expect.stringContaining("--rename person.size (cm):size [$&]"),
  });
  const renames = [parseRename("person.size (cm):size [$&]")];
  await made(here, uniqueColumn("size [$&]"), "Call it otherwise", { renames });

  await here.migrate("up");
  expect(await here.snapshot()).toContain('constraint person.person_size [$&]_key UNIQUE ("size [$&]")');
});
