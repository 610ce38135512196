import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { copyProject } from "../cli/copy.ts";

// The compiler reads the whole project, which takes seconds on a busy machine.
jest.setTimeout(180_000);

const file = "test/types/mistakes.ts";
const expectation = /^ *\/\/ @ts-expect-error (TS\d+)$/;

test("each mistake is an error at its own line, and nothing else is one", async () => {
  await using copy = await copyProject();
  const lines = (await readFile(join(copy.root, file), "utf8")).split("\n");
  const expected = lines.flatMap((line, index) => {
    const [, code] = expectation.exec(line) ?? [];
    return code === undefined ? [] : [`${file}:${index + 2} ${code}`];
  });
  await writeFile(join(copy.root, file), lines.map((line) => line.replace("@ts-expect-error", "expected:")).join("\n"));

  const { stdout } = await copy.run("node_modules/typescript/bin/tsc", "-p", ".", "--pretty", "false");

  expect(expected.length).toBeGreaterThan(10);
  const found = [...stdout.matchAll(/^(\S+)\((\d+),\d+\): error (TS\d+)/gm)];
  expect(found.map(([, path, line, code]) => `${path}:${line} ${code}`)).toEqual(expected);
});
