import { STATUS_CODES } from "node:http";
import { expect, test } from "@jest/globals";
import { errorCode, PostboxError } from "postbox";
import { catalogue, errorEntry } from "./catalogue.ts";

test.each([...catalogue()])(
  "the error '%s' has a readable code, a real status and a title of its own",
  (code, entry) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(STATUS_CODES[entry.status]).toBeDefined();
    expect(catalogue().filter(([, { title }]) => title === entry.title)).toHaveLength(1);
  },
);

test("an error keeps its code, its status and whether a retry makes sense", () => {
  const error = new PostboxError("overloaded", "The queue is full; come back later.", { retryAfter: 3 });
  expect(error).toMatchObject({ code: 503, type: "overloaded", retryable: true, data: { retryAfter: 3 } });
  expect(errorCode(error)).toBe("overloaded");
  expect(errorCode(new Error("overloaded"))).toBeUndefined();
});

test("a code that nobody declares neither compiles nor becomes an error", () => {
  // @ts-expect-error: no service declares it.
  expect(() => new PostboxError("sold-out")).toThrow("The error code 'sold-out' is not declared yet.");
  // @ts-expect-error: no service declares it.
  expect(() => errorEntry("sold-out")).toThrow(TypeError);
});
