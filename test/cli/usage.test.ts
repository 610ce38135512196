import { expect, jest, test } from "@jest/globals";
import { program } from "../../cli/program.ts";
import { postbox } from "./postbox.ts";

// Each command line is a process of its own, and the machine may be busy with other suites.
jest.setTimeout(120_000);

const groups = program().commands.map((group) => group.name());

test.each(groups)("postbox %s --help describes its verbs and gives examples", async (group) => {
  const { code, stdout } = await postbox([group, "--help"]);

  expect(code).toBe(0);
  expect(stdout).toContain("Examples:");
  expect(stdout).toContain(`postbox ${group} `);
});

test.each([
  ["a mistyped group", ["migrat"], "Did you mean migrate?"],
  ["a mistyped verb", ["migrate", "chekc"], "Did you mean check?"],
  ["a mistyped flag", ["migrate", "make", "users", "x", "--alow-loss"], "Did you mean --allow-loss?"],
  ["a mistyped service", ["migrate", "up", "usres"], "Did you mean 'users'?"],
  ["a status that there is not", ["outbox", "list", "--status", "deda"], "Allowed choices are scheduled, pending"],
  ["an id that is none", ["dead", "replay", "auth", "42"], "'42' is not an event's id"],
  ["a word too many", ["events", "list", "auth"], "too many arguments"],
])("%s is answered with what was probably meant, and exit code 2", async (_, words, answer) => {
  const { code, stderr } = await postbox(words);

  expect(stderr).toContain(answer);
  expect(code).toBe(2);
});
