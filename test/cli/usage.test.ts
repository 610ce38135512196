import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, jest, test } from "@jest/globals";
import type { Command } from "commander";
import { runFolder } from "postbox/testing";
import { examplesOf } from "../../cli/examples.ts";
import { program } from "../../cli/program.ts";
import { every, exitCodesText, run } from "../../cli/run.ts";
import { launcher, postbox, postboxIn } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

const commands = below(program());

test.each(commands.map(({ words }) => [words]))(
  "postbox %j --help describes what it does, names its exit codes and gives examples",
  async (words) => {
    const { code, stdout } = await postbox([...words, "--help"]);

    expect(code).toBe(0);
    expect(stdout).toContain(exitCodesText);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain(`  postbox${words.length > 0 ? ` ${words.join(" ")}` : ""}`);
  },
);

test.each(commands.flatMap(({ words }) => words.map((_, at) => [words.toSpliced(at, 0, "help"), words] as const)))(
  "postbox %j shows the help of %j",
  async (asked, words) => {
    expect(await shown(asked)).toEqual({
      code: 0,
      text: expect.stringContaining(`Usage: postbox ${words.join(" ")} `),
    });
  },
);

test.each(commands.flatMap(({ command }) => examplesOf(command).map(([line]) => [line])))(
  "the example '%s' is a line that postbox understands",
  async (line) => {
    const understood = program();
    every(understood, (command) => command.action(() => undefined).configureOutput({ writeOut: () => undefined }));

    expect(await run(understood, wordsOf(line))).toBe(0);
  },
);

test("who reads no further is no fault", async () => {
  const command = spawn(process.execPath, [launcher, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  command.stdout.destroy();
  const said: string[] = [];
  command.stderr.on("data", (chunk) => said.push(String(chunk)));

  expect(await once(command, "close")).toEqual([0, null]);
  expect(said).toEqual([]);
});

test("--version gives the project's version", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));

  expect(await shown(["--version"])).toEqual({ code: 0, text: `${version}\n` });
});

test.each([
  ["a mistyped group", ["migrat"], "Did you mean migrate?"],
  ["a mistyped verb", ["migrate", "chekc"], "Did you mean check?"],
  ["help of a mistyped verb", ["help", "migrate", "chekc"], "Did you mean check?"],
  ["a mistyped flag", ["migrate", "make", "users", "x", "--alow-loss"], "Did you mean --allow-loss?"],
  ["a mistyped service", ["migrate", "up", "usres"], "Did you mean 'users'?"],
  ["a mistyped receiver", ["dead", "skip", "auth", "--target", "userz"], "Did you mean 'users'?"],
  ["a mistyped publisher", ["inbox", "list", "users", "--source", "outh"], "Did you mean 'auth'?"],
  ["a status that there is not", ["outbox", "list", "--status", "deda"], "Allowed choices are scheduled, pending"],
  ["an id that is none", ["dead", "replay", "auth", "42"], "'42' is not an event's id"],
  ["a word too many", ["events", "list", "auth"], "too many arguments"],
  ["a group that there is not", ["foo"], "Add --help to see what it takes."],
  ["no service at all", ["new", "job"], "missing required argument 'service'"],
  [
    "a limit of nothing",
    ["dead", "list", "--limit", "0"],
    "--limit is '0'; it must be a whole number from 1 to 99999.",
  ],
  ["the gateway's API", ["new", "version", "gateway"], "'gateway' has no API of its own"],
  ["an event of the gateway", ["new", "event", "gateway", "a.b", "--to", "users"], "Choose from: auth, emails, users."],
])("%s is answered with what was probably meant, and exit code 2", async (_, words, answer) => {
  const { code, stderr } = await postbox(words);

  expect(stderr).toContain(answer);
  expect(code).toBe(2);
});

test("outside a project it says in one sentence where to run it, with exit code 2", async () => {
  const folder = await runFolder("no-project");

  const { code, stdout, stderr } = await postboxIn(process.env, ["doctor"], { cwd: folder });

  expect(stderr).toBe(
    `error: There is no moleculer.config.ts in ${folder} or above it. Run this inside the folder of a project.\n`,
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

interface Named {
  readonly command: Command;
  /** Without `postbox`. */
  readonly words: readonly string[];
}

/** What a line prints, run in this process. */
async function shown(words: readonly string[]): Promise<{ code: number; text: string }> {
  const chunks: string[] = [];
  const heard = program();
  every(heard, (command) => command.configureOutput({ writeOut: (chunk) => void chunks.push(chunk) }));
  return { code: await run(heard, words), text: chunks.join("") };
}

/** A command and all below it. */
function below(command: Command, words: readonly string[] = []): Named[] {
  return [{ command, words }, ...command.commands.flatMap((inner) => below(inner, [...words, inner.name()]))];
}

/** The words behind `postbox` as a shell would give them; the id that stands for any becomes one. */
function wordsOf(line: string): string[] {
  const [command = ""] = line.split(" > ");
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  return words.slice(1).map((word) => (word.endsWith("…") ? "01975a2e-0000-7000-8000-000000000001" : word));
}
