import { printTable } from "./table.ts";

/** Prints one thing for a person: a line each for what is known of it, nested values as JSON. */
export function printRecord(record: object): void {
  printTable(
    ["field", "value"],
    Object.entries(record).map(([name, value]) => [name, isNested(value) ? JSON.stringify(value) : value]),
  );
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}
