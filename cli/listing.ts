import type { Database } from "../libs/postbox/postgres/database.ts";
import { withServiceDatabases } from "./service-databases.ts";
import { printJson, printTable } from "./terminal/table.ts";

/** What is listed of each service. */
export interface Listing<Row> {
  readonly read: (database: Database, service: string) => Promise<readonly Row[]>;
  /** What a person sees: headings, and the property under each. The service stands before them. */
  readonly columns: Readonly<Record<string, keyof Row & string>>;
  /** Said to a person where there is no row. */
  readonly none: string;
}

export interface ListingFlags {
  /** The most rows that are read of a service; absent where all are. */
  readonly limit?: number;
  readonly json?: boolean;
}

/** Prints a list over services: a table for people, JSON with all that was read for scripts. */
export async function printListing<Row extends object>(
  services: readonly string[],
  { limit, json }: ListingFlags,
  { read, columns, none }: Listing<Row>,
): Promise<void> {
  const lists = await withServiceDatabases(services, (opened) =>
    Promise.all(
      opened.map(async ({ service, database }) => (await read(database, service)).map((row) => ({ service, ...row }))),
    ),
  );
  const rows = lists.flat();
  if (json) return printJson(rows);
  if (rows.length === 0) return console.log(none);
  printTable(
    ["service", ...Object.keys(columns)],
    rows.map((row) => [row.service, ...Object.values(columns).map((property) => firstLine(row[property]))]),
  );
  const cut = lists.filter((list) => list.length === limit).map(([first]) => first?.service);
  if (cut.length > 0) console.error(`Of ${cut.join(", ")} there may be more than these ${limit}; see them by --limit.`);
}

/** A table shows the first line of a text. Below it, an error has stack frames. */
const firstLine = (value: unknown): unknown => (typeof value === "string" ? value.split("\n", 1)[0] : value);
