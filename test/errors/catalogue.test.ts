import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { catalogue, errorCode, PostboxError } from "postbox";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { errorReference } from "../../libs/postbox/tools/reference/errors.ts";

test("the documentation lists every error of the catalogue, and no other", () => {
  expect(readFileSync(join(projectRoot(), "docs/reference/errors.md"), "utf8")).toBe(errorReference());
});

test.each(Object.entries(catalogue))(
  "the error '%s' has a readable code, a real status and a title of its own",
  (code, entry) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(STATUS_CODES[entry.status]).toBeDefined();
    expect(Object.values(catalogue).filter(({ title }) => title === entry.title)).toHaveLength(1);
  },
);

test("an error keeps its code, its status and whether a retry makes sense", () => {
  const error = new PostboxError("overloaded", "The queue is full; come back later.", { retryAfter: 3 });
  expect(error).toMatchObject({ code: 503, type: "overloaded", retryable: true, data: { retryAfter: 3 } });
  expect(errorCode(error)).toBe("overloaded");
  expect(errorCode(new Error("overloaded"))).toBeUndefined();
});
