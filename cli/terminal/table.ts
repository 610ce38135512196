import { styleText } from "node:util";
import Table from "cli-table3";

/** Prints rows for a person: columns by their heading, blank where a value is absent. */
export function printTable(headings: readonly string[], rows: readonly (readonly unknown[])[]): void {
  console.log(tableText(headings, rows));
}

/** The text of it, without blanks at a line's end: in a narrow terminal one long value would fold every line. */
export function tableText(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const table = new Table({
    head: headings.map((heading) => styleText("bold", heading)),
    style: { head: [], border: [], compact: true },
    chars: borderless,
  });
  for (const row of rows) table.push(row.map(cell));
  return table.toString().replace(/ +$/gm, "");
}

/** Prints one value for a script: JSON, dates in ISO 8601. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return value instanceof Date ? value.toISOString() : harmless(String(value));
}

/** Keys and errors are other people's text, which could move the cursor or hide a line: that much is shown as its code. */
export function harmless(text: string): string {
  return text.replace(/[\p{Control}\p{Bidi_Control}]/gu, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
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
