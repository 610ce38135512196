import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { DataTypes, literal } from "sequelize";
import { migrationProject } from "../../../../../test/migrations/project.ts";
import { id, named } from "../../../../../test/migrations/sample-models.ts";
import type { ServiceModels } from "../schema/service-models.ts";

test("values that an enum gets are added to the type, unless the same migration uses one", async () => {
  await using project = await migrationProject();
  const four = inks(["black", "red", "blue", "gold"]);
  const five = inks(["black", "red", "blue", "gold", "green"], "green");
  await project.make(inks(["red", "blue"]), "Keep letters");
  await project.make(four, "More inks");
  expect(await project.migrate("up")).toHaveLength(2);
  expect(await project.check(four)).toBe("clean");
  await project.make(five, "Green by default");
  expect(await project.migrate("up")).toHaveLength(1);
  expect(await project.check(five)).toBe("clean");

  const text = (name: string) => readFile(`${project.folder}/${name}.ts`, "utf8");
  const [up] = (await text("0002_more_inks")).split("export async function down");
  expect(up?.match(/query\(.*\)/g)).toEqual([
    `query(\`alter type "public"."enum_letter_ink" add value 'black' before 'red'\`)`,
    `query(\`alter type "public"."enum_letter_ink" add value 'gold' after 'blue'\`)`,
  ]);
  expect(await text("0003_green_by_default")).not.toContain("add value");
  await project.migrate("down", 3);
  expect(await project.snapshot()).toEqual([]);
});

test("a written migration works in the one transaction that applies it, also where an array uses a new value", async () => {
  await using project = await migrationProject();
  const lists = (...values: readonly string[]): ServiceModels => ({
    defineModels: (sequelize) =>
      sequelize.define(
        "letter",
        {
          id,
          inks: { type: DataTypes.ARRAY(DataTypes.ENUM(...values)), defaultValue: literal(`'{${values.at(-1)}}'`) },
        },
        named("letter"),
      ),
  });
  await project.make(lists("red", "blue"), "Keep letters");
  await project.migrate("up");
  await project.query("insert into letter (id) values ('00000000-0000-7000-8000-000000000001')");

  await project.make(lists("red", "blue", "green"), "Green by default");
  await project.migrate("up");

  expect(await project.query("select inks::text from letter")).toEqual([{ inks: "{blue}" }]);
  expect(await project.check(lists("red", "blue", "green"))).toBe("clean");
});

test("a value that an enum loses is marked as what no row may have, up and down", async () => {
  await using project = await migrationProject();
  await project.make(inks(["red", "blue"]), "Keep letters");

  expect(await project.make(inks(["blue", "green"]), "Green for red", { allowLoss: true })).toMatchObject({
    losses: ["takes 'red' out of the enum enum_letter_ink"],
    needs: ["takes 'red' out of the enum enum_letter_ink, which no row may have then"],
  });
  const [, down] = (await readFile(`${project.folder}/0002_green_for_red.ts`, "utf8")).split(
    "export async function up",
  );
  expect(down).toContain("// NEEDS DATA: takes 'green' out of the enum enum_letter_ink, which no row may have then.");
});

function inks(values: readonly string[], defaultValue = "blue"): ServiceModels {
  return {
    defineModels: (sequelize) =>
      sequelize.define("letter", { id, ink: { type: DataTypes.ENUM(...values), defaultValue } }, named("letter")),
  };
}
