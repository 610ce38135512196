import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { runFolder } from "../../../../../test/harness/run.ts";
import { checksumOf } from "./checksum.ts";

const engine = `import { engineSchema } from "postbox/migrations";\n\nexport const { up, down } = engineSchema(1);\n`;
const engineChecksum = "9231457873cc605fd63d73afbe4c642bfda5ed7d4fd6665c97345f2bf7bf36e3";

test.each([
  ["as the scaffold writes it", engine],
  ["with the line ends of another system", engine.replaceAll("\n", "\r\n")],
  ["in another team's format", engine.replaceAll('"', "'").replaceAll(";", "")],
])("a migration of the engine's tables %s has the checksum of its version", async (_, text) => {
  expect(await checksumWith({ "0007_any_name.ts": text })).toBe(engineChecksum);
});

test.each([
  ["another version", engine.replace("(1)", "(2)")],
  ["a version of a later release", engine.replace("(1)", "(99)")],
  ["a further statement beside it", `${engine}export const concurrently = true;\n`],
])("a migration of the engine's tables with %s has another checksum", async (_, text) => {
  expect(await checksumWith({ "0007_any_name.ts": text })).not.toBe(engineChecksum);
});

test("the types may come from the entrance or from their older path, in a migration and in what it imports", async () => {
  const project = (types: string, helperTypes: string) =>
    checksumWith({
      "0001_letter.ts": `import type { MigrationContext } from "${types}";\nimport { sql } from "./sql/letter.ts";\n`,
      "sql/letter.ts": `import type { MigrationContext } from "${helperTypes}";\nexport const sql = "select 1";\n`,
    });

  const older = await project("../../libs/migrations/migration.ts", "../../../libs/migrations/migration.ts");

  expect(await project("postbox/migrations", "postbox/migrations")).toBe(older);
  expect(await project("postbox/migrations", "another/package")).not.toBe(older);
});

/** The checksum of the first of the files, which stand in one folder of migrations. */
async function checksumWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await runFolder("checksum");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return checksumOf(join(folder, Object.keys(files)[0] ?? ""));
}
