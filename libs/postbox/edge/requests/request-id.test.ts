import { expect, test } from "@jest/globals";
import { validate, version } from "uuid";
import { requestId } from "./request-id.ts";

test("a request without an id of its own gets a UUID v7 that holds the present time, and no two get one", () => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, () => requestId(undefined));
  const after = Date.now();
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    const ms = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    expect(ms >= before && ms <= after).toBe(true);
  }
});

test("a client's own id is taken if it is plain", () => {
  expect(requestId("req-1.a:b")).toBe("req-1.a:b");
  for (const given of ["", "a b", "x".repeat(65), "a\nb", ["a", "b"]]) expect(requestId(given)).not.toBe(given);
});
