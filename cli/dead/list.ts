import type { ServiceName } from "../../libs/config/services.ts";
import { listDeadLetters } from "../../libs/operations/dead-letters.ts";
import { withServiceDatabases } from "../service-databases.ts";
import { printJson, printTable } from "../terminal/table.ts";
import { type FilterFlags, toFilter } from "./filter.ts";

export interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json: boolean;
}

export async function list(services: readonly ServiceName[], flags: ListFlags): Promise<void> {
  const rows = await withServiceDatabases(services, async (opened) => {
    const lists = opened.map(async ({ service, database }) =>
      (await listDeadLetters(database, toFilter(flags), { limit: flags.limit })).map((row) => ({ service, ...row })),
    );
    return (await Promise.all(lists)).flat();
  });
  if (flags.json) return printJson(rows);
  if (rows.length === 0) return console.log("There are no dead letters.");
  printTable(
    ["service", "id", "event", "to", "key", "attempts", "created", "error"],
    rows.map((row) => [
      row.service,
      row.id,
      row.event_type,
      row.target,
      row.key,
      row.attempts,
      row.created_at,
      row.error_message,
    ]),
  );
}
