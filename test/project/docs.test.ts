import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "@jest/globals";
import { program } from "../../cli/program.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { runtimeFloors } from "../../scripts/import-rules.ts";
import { readPage, wordsIn } from "./page.ts";

const root = projectRoot();
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "test/README.md",
  ...globSync("{docs,bench}/**/*.md", { cwd: root }).sort(),
].map((path) => readPage(root, path));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const known = new Map(pages.map((page) => [page.path, page]));

/** What of a page breaks a rule, each with the page that it stands on. */
const faults = (ofPage: (page: (typeof pages)[number]) => readonly string[]): string[] =>
  pages.flatMap((page) => ofPage(page).map((fault) => `${page.path}: ${fault}`));

test("every link leads to a file, and to a heading of it", () => {
  expect(
    faults(({ links }) =>
      links
        .filter(({ file, anchor }) => {
          if (!existsSync(join(root, file))) return true;
          return anchor !== undefined && known.get(file)?.anchors.has(anchor) !== true;
        })
        .map(({ file, anchor }) => (anchor === undefined ? file : `${file}#${anchor}`)),
    ),
  ).toEqual([]);
});

test("every page can be reached from the README", () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    const page = known.get(path);
    if (page === undefined || reached.has(path)) return;
    reached.add(path);
    for (const { file } of page.links) visit(file);
  };
  visit("README.md");
  expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test("every path that a page names is there", () => {
  expect(faults(({ spans }) => spans.filter((span) => !isThere(span)))).toEqual([]);
});

test("every name that the glossary gives in the last column is one of the code", () => {
  const lines = readFileSync(join(root, "docs/glossary.md"), "utf8").split("\n");
  const names = lines
    .filter((line) => line.startsWith("| "))
    .flatMap((line) => [...(line.split(" | ").at(-1) ?? "").matchAll(/`([A-Za-z_]+(?:\.[a-z_]+)?)`/gi)])
    .flatMap(([, name = ""]) => name.split("."));
  const code = globSync("{libs,mixins}/**/*.ts", { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !code.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([]);
});

test("every npm script that a page names is there", () => {
  const named = (text: string) => [...text.matchAll(/npm run (?!-)([a-z-]+)/g)].map(([, name = ""]) => name);
  expect(
    faults(({ spans, blocks }) =>
      [...spans, ...blocks.flatMap(({ lines }) => lines)].flatMap(named).filter((name) => !(name in manifest.scripts)),
    ),
  ).toEqual([]);
});

test("every command that a page names is one of the command line, with its options", () => {
  const lines = ({ spans, blocks }: (typeof pages)[number]) => [...spans, ...blocks.flatMap((block) => block.lines)];
  const named = pages.flatMap(lines).filter((line) => /^(?:npx )?postbox\s/.test(line));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((line) => !isCommand(line.replace(/^npx /, "").split(/\s+/).slice(1)))).toEqual([]);
});

test("every import in an example leads to something that exports those names", () => {
  expect(
    faults(({ blocks }) =>
      blocks.filter(({ language }) => language === "ts").flatMap(({ lines }) => badImports(lines)),
    ),
  ).toEqual([]);
});

test("every diagram is of a kind that Mermaid draws", () => {
  const kinds = ["sequenceDiagram", "stateDiagram-v2", "flowchart"];
  const diagrams = pages.flatMap(({ blocks }) => blocks.filter(({ language }) => language === "mermaid"));
  expect(
    diagrams.map(({ lines: [first = ""] }) => first.split(" ")[0]).filter((kind) => !kinds.includes(kind ?? "")),
  ).toEqual([]);
  expect(diagrams.length).toBeGreaterThan(0);
});

test("no sentence has more than 25 words", () => {
  expect(faults(({ sentences }) => sentences.filter((sentence) => wordsIn(sentence) > 25))).toEqual([]);
});

test("no line outside tables and blocks is longer than 120 characters", () => {
  expect(
    faults(({ lines }) => lines.filter(({ text }) => text.length > 120).map(({ number }) => `line ${number}`)),
  ).toEqual([]);
});

const folders = [
  "libs",
  "services",
  "mixins",
  "migrations",
  "cli",
  "scripts",
  "test",
  "bench",
  "docs",
  "deploy",
  "clients",
];

/**
 * Whether a code span names no path of the project, or one that is there. `<service>` and the like stand for any name;
 * a path that begins with a floor is one of the runtime.
 */
function isThere(span: string): boolean {
  const path = span.replace(/\/$/, "");
  if (!/^[\w.<>*-]+(\/[\w.<>*-]+)+$/.test(path)) return true;
  const [first = ""] = path.split("/");
  const isFloor = runtimeFloors.some((floor) => floor === first);
  if (!isFloor && !folders.includes(first)) return true;
  const pattern = path.replaceAll(/<[^>]*>/g, "*");
  return globSync([pattern, ...(isFloor ? [`libs/postbox/${pattern}`] : [])], { cwd: root }).length > 0;
}

/** Whether these words lead to a command, and their options are its own. `a|b` stands for each of the two. */
function isCommand(words: readonly string[], command = program()): boolean {
  const [first = "", ...rest] = words;
  if (command.commands.length > 0 && first !== "" && !first.startsWith("-"))
    return first.split("|").every((name) => {
      const next = command.commands.find((one) => one.name() === name);
      return next !== undefined && isCommand(rest, next);
    });
  const options = ["--help", "--version", ...command.options.map(({ long }) => long)];
  return words.every((word) => !word.startsWith("--") || options.includes(word));
}

/** The imports of an example that lead nowhere. A relative one starts from the path in the comment at its top. */
function badImports(lines: readonly string[]): string[] {
  const text = lines.join("\n");
  const [, at] = /^\/\/ (\S+\.ts)/.exec(text) ?? [];
  return [...text.matchAll(/^import (?:type )?\{([^}]*)\} from "([^"]+)";/gm)].flatMap(
    ([whole, names = "", from = ""]) => {
      const target = targetOf(from, at);
      if (target === undefined) return [whole];
      if (target === "package") return [];
      const source = exportsOf(target);
      return names
        .split(",")
        .map((name) => name.replace(/\btype |\bas \w+/g, "").trim())
        .filter((name) => name !== "" && !new RegExp(`\\b${name}\\b`).test(source))
        .map((name) => `${name} of ${from}`);
    },
  );
}

/** The text of a file, and of those that it exports whole. */
function exportsOf(path: string): string {
  const text = readFileSync(join(root, path), "utf8");
  const whole = [...text.matchAll(/^export \* from "([^"]+)";/gm)].map(([, from = ""]) =>
    posix.join(dirname(path), from),
  );
  return [text, ...whole.map(exportsOf)].join("\n");
}

/** The file that an import leads to, `package` for one of a dependency, undefined for nothing. */
function targetOf(from: string, at: string | undefined): string | undefined {
  if (from.startsWith(".")) {
    const file = posix.join(dirname(at ?? ""), from);
    return existsSync(join(root, file)) ? file : undefined;
  }
  if (from === manifest.name || from.startsWith(`${manifest.name}/`))
    return manifest.exports[`.${from.slice(manifest.name.length)}`];
  return from in manifest.dependencies || from in manifest.devDependencies ? "package" : undefined;
}
