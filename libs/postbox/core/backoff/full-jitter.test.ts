import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { backoffMs } from "./full-jitter.ts";

const limits = { baseMs: 100, capMs: 5_000 };

test("the upper bound of a wait doubles with each failure until the cap", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => backoffMs(failures, { ...limits, random: () => 1 }));
  expect(bounds).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test("a wait is anywhere between nothing and its bound", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), share, (failures, random) => {
      const bound = backoffMs(failures, { ...limits, random: () => 1 });
      expect(backoffMs(failures, { ...limits, random: () => random })).toBe(Math.round(random * bound));
    }),
  );
});
