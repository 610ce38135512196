import Table from "cli-table3";

/** Prints rows for a person: columns by their heading, blank where a value is absent. */
export function printTable(headings: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const table = new Table({
    head: [...headings],
    style: { head: process.stdout.isTTY ? ["bold"] : [], border: [], compact: true },
    chars: borderless,
  });
  for (const row of rows) table.push(row.map(cell));
  console.log(table.toString());
}

/** Prints one value for a script: JSON, dates in ISO 8601. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return value instanceof Date ? value.toISOString() : String(value);
}

const borderless = {
  ...Object.fromEntries(
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
    ]
      .concat(["mid", "mid-mid", "right", "right-mid"])
      .map((name) => [name, ""]),
  ),
  middle: " ",
};
