import type pg from "pg";
import { readEnums } from "../schema/enums.ts";

/** The values that enums of `from` lose in `to`, where the enum itself stays: one sentence for each enum. */
export async function removedEnumValues(from: pg.Client, to: pg.Client): Promise<string[]> {
  const [before, after] = await Promise.all([readEnums(from), readEnums(to)]);
  return [...before].flatMap(([type, labels]) => {
    const kept = after.get(type);
    const gone = labels.filter((label) => kept && !kept.includes(label)).map((label) => `'${label}'`);
    return gone.length > 0 ? [`takes ${gone.join(", ")} out of the enum ${type}`] : [];
  });
}
