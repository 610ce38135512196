import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");
const documents = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/secrets.md"];

test("the example of the README is the one that the compiler reads", () => {
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  const compiled = read("test/project/readme-example.ts");
  expect(squeezed(compiled)).toContain(squeezed(example));
});

test.each(documents)("every file that %s links to is there", (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
  const missing = links.filter((link) => !existsSync(join(projectRoot(), document, "..", link)));
  expect(missing).toEqual([]);
});

test.each(documents)("every npm script that %s names is there", (document) => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = [...read(document).matchAll(/npm run ([a-z-]+)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

/** Without the white space and the last commas that a formatter moves. */
function squeezed(code: string): string {
  return code.replace(/\s+/g, "").replace(/,([)}\]])/g, "$1");
}
