import pg from "pg";
import { readEnums } from "./columns.ts";

/**
 * The statements that give the enums of `from` the values that they have in `to` besides. They lock no table, while a
 * type made anew rewrites every table that has it. Left out are enums that lose a value or change their order.
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

/** What enums of `from` that stay in `to` lose: one sentence each. */
export async function takenValues(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [before, after] = await Promise.all([readEnums(from), readEnums(to)]);
  return [...before].flatMap(([type, labels]) => {
    const kept = after.get(type);
    const gone = labels.filter((label) => kept && !kept.includes(label)).map((label) => `'${label}'`);
    return gone.length > 0 ? [`takes ${gone.join(", ")} out of the enum ${type}`] : [];
  });
}

/** Behind the value before it, which is there by then; what comes first is put before what was first. */
function addition(type: string, label: string, previous: string | undefined, first: string | undefined): string {
  const place =
    previous === undefined ? first && ` before ${pg.escapeLiteral(first)}` : ` after ${pg.escapeLiteral(previous)}`;
  return `alter type "public".${pg.escapeIdentifier(type)} add value ${pg.escapeLiteral(label)}${place ?? ""}`;
}
