import pg from "pg";
import { readEnums } from "../../schema/enums.ts";

/**
 * The statements that add the values which enums of `to` have and those of `from` lack. Adding a value locks no table;
 * a new type would rewrite every table that uses the type. Enums that lose a value or change their order are left out.
 */
export async function addEnumValues(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [before, after] = await Promise.all([readEnums(from), readEnums(to)]);
  return [...before].flatMap(([type, labels]) => {
    const wanted = after.get(type) ?? [];
    const added = wanted.filter((label) => !labels.includes(label));
    const kept = wanted.filter((label) => labels.includes(label));
    if (kept.join("\0") !== labels.join("\0")) return [];
    return added.map((label) => addition(type, label, wanted[wanted.indexOf(label) - 1], labels[0]));
  });
}

/** Adds a value after its predecessor, which exists by then. A value without predecessor is added before the first. */
function addition(type: string, label: string, previous: string | undefined, first: string | undefined): string {
  const position =
    previous === undefined ? first && ` before ${pg.escapeLiteral(first)}` : ` after ${pg.escapeLiteral(previous)}`;
  return `alter type "public".${pg.escapeIdentifier(type)} add value ${pg.escapeLiteral(label)}${position ?? ""}`;
}
