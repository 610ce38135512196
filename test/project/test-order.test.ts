import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { longest, longestFirst } from "../harness/longest-first.ts";

const file = (name: string) => ({ path: join(projectRoot(), `${name}.test.ts`) });

test("every test file that is said to take long is there", () => {
  expect(longest.filter((name) => !existsSync(file(name).path))).toEqual([]);
});

test("the longest test files are begun first, and the others in the order that Jest gave them", () => {
  const others = ["test/users/roles", "test/auth/login"].map(file);
  const long = longest.map(file);
  expect(longestFirst([...others, ...long.toReversed()])).toEqual([...long, ...others]);
});
