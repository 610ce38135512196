import type { Database } from "../../postgres/database.ts";
import { targetsOf } from "./targets-of.ts";

/** The targets that have `published` rows, and the database's time before any stream is asked for its position. */
export async function publishedTargets(database: Database): Promise<{ targets: string[]; now: Date }> {
  const { rows } = await database.query<{ targets: string[] | null; now: Date }>({
    name: "outbox-published-targets",
    text: `with ${targetsOf("published")}
      select now() as now, array_agg(target) filter (where target is not null) as targets from targets`,
  });
  return { targets: rows[0]?.targets ?? [], now: rows[0]?.now ?? new Date(0) };
}
