import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");

test("the example of the README is the one that the compiler reads", () => {
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  const compiled = read("test/project/readme-example.ts");
  const [imports = "", code = ""] = example.split(/\n\n/);
  for (const line of imports.split("\n")) expect(compiled).toContain(line);
  expect(squeezed(code)).toContain("export");
  expect(squeezed(compiled)).toContain(squeezed(code));
});

/** Without the white space and the last commas that a formatter moves. */
function squeezed(code: string): string {
  return code.replace(/\s+/g, "").replace(/,([)}\]])/g, "$1");
}
