import { relative } from "node:path";
import { makeMigration } from "../../libs/postbox/tools/migrations/revision/make-migration.ts";
import { parseRename, type Rename } from "../../libs/postbox/tools/migrations/revision/renames/rename.ts";
import { withInstallation } from "../installation.ts";

export interface MakeFlags {
  readonly rename?: readonly string[];
  readonly allowLoss?: boolean;
}

export async function make(
  service: string,
  message: string,
  { rename = [], allowLoss = false }: MakeFlags,
): Promise<void> {
  const renames = rename.map(parseRename);
  await withInstallation("Comparing models and migrations", { goal: "servers" }, async (targetOf, { ask }) => {
    const made = await makeMigration(service, targetOf(service), {
      message,
      allowLoss,
      renames,
      ...(ask && { isRename: (candidate) => ask(questionOf(candidate)) }),
    });
    if (!made) return console.log(`Nothing to do: the models and the migrations of ${service} agree.`);
    console.log(`Wrote ${relative(process.cwd(), made.path)}`);
    for (const loss of made.losses) console.log(`LOSES DATA: ${loss}`);
    for (const need of made.needs) console.log(`NEEDS DATA: ${need}`);
    if (made.needs.length > 0)
      console.log(
        "It fails on rows that do not fit. Give a new column a default in the models, or let the file fill or change the rows before it forbids what they have.",
      );
  });
}

function questionOf({ table, column, to }: Rename): string {
  return column === undefined
    ? `Is the table '${to}' the renamed '${table}'?`
    : `Is the column '${table}.${to}' the renamed '${table}.${column}'?`;
}
