import { expect, test } from "@jest/globals";
import { tableText } from "../../cli/terminal/table.ts";

test("what would steer the terminal is shown as its code, and lines stay lines", () => {
  const text = tableText(["key", "error"], [["\u001b[2J\u202e42\t\u009b1A", "first\nsecond"]]);

  expect(text).toContain("\\u001b[2J\\u202e42\\u0009\\u009b1A");
  expect(text.split("\n")).toHaveLength(3);
});

test("one long value makes no other line longer", () => {
  const lines = tableText(
    ["field", "value"],
    [
      ["data", "x".repeat(500)],
      ["status", "dead"],
    ],
  ).split("\n");

  expect(lines.map((line) => line.length > 80)).toEqual([false, true, false]);
});
