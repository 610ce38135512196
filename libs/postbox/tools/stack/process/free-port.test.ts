import { expect, test } from "@jest/globals";
import { freePort } from "postbox/testing";

test("free ports that are asked for at once are different ones, of those that the system does not give", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});
