import { expect, test } from "@jest/globals";
import { decodeAcks, encodeAcks } from "./ack.ts";

const id = "01975a2e-0000-7000-8000-000000000001";

test("an acknowledgement is read as it was written, with the first 500 characters of its error", () => {
  const ack = { id, generation: 2, status: "dead", attempts: 3, error: "x".repeat(600) } as const;
  expect(decodeAcks(encodeAcks([ack]))).toEqual([{ ...ack, error: "x".repeat(500) }]);
});

test("the character NUL, which Postgres stores in no text, is left out of an error", () => {
  const [read] = decodeAcks(encodeAcks([{ id, generation: 0, status: "received", attempts: 1, error: "a\0b" }]));
  expect(read?.error).toBe("ab");
});

test.each([
  ["no array", "{}"],
  ["no tuple", "[1]"],
  ["an id that is no UUID", `[["no-uuid",0,"dead",1,null]]`],
  ["an unknown status", `[["${id}",0,"gone",1,null]]`],
  ["an error that is no text", `[["${id}",0,"dead",1,5]]`],
  ["a count that no integer column takes", `[["${id}",2147483648,"dead",1,null]]`],
])("a message with %s is refused", (_, text) => {
  expect(() => decodeAcks(text)).toThrow(TypeError);
});
