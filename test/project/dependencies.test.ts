import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

interface Manifest {
  readonly license?: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");
const manifest = (...path: string[]): Manifest => JSON.parse(read(...path, "package.json"));
const { dependencies, devDependencies } = manifest();

test("every dependency is pinned to one version", () => {
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, range]) => !/^\d/.test(range));
  expect(loose).toEqual([]);
});

test("docs/dependencies.md tells of every dependency, under the right heading and with its license, and of no other", () => {
  const [production = "", development = ""] = read("docs/dependencies.md").split("What only development");
  expect(told(production)).toEqual(installed(dependencies));
  expect(told(development)).toEqual(installed(devDependencies));
});

function told(text: string): string[] {
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| package"));
  return rows
    .map((row) =>
      row
        .split("|")
        .slice(1, 3)
        .map((cell) => cell.trim())
        .join(" "),
    )
    .sort();
}

function installed(named: Readonly<Record<string, string>>): string[] {
  return Object.keys(named)
    .map((name) => `${name} ${manifest("node_modules", name).license}`)
    .sort();
}
