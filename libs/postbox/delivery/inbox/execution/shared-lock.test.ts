import { expect, test } from "@jest/globals";
import { SharedLock } from "./shared-lock.ts";

/** Work that notes its begin and its end in `seen`, and ends when the test lets it. */
function work(name: string, seen: string[]) {
  const go = Promise.withResolvers<void>();
  return {
    end: go,
    run: async () => {
      seen.push(`${name} begins`);
      await go.promise.finally(() => seen.push(`${name} ends`));
    },
  };
}

test("exclusive work waits for all shared work, even if that fails, and later work waits for the exclusive", async () => {
  const lock = new SharedLock();
  const seen: string[] = [];
  const [a, b, exclusive, c] = ["a", "b", "exclusive", "c"].map((name) => work(name, seen));
  if (!a || !b || !exclusive || !c) throw new TypeError("There are four.");
  const failing = lock.shared(a.run);
  const running = [
    failing.catch(() => undefined),
    lock.shared(b.run),
    lock.exclusive(exclusive.run),
    lock.shared(c.run),
  ];
  a.end.reject(new Error("not now"));
  await expect(failing).rejects.toThrow("not now");
  for (const { end } of [b, exclusive, c]) end.resolve();
  await Promise.all(running);
  expect(seen).toEqual([
    "a begins",
    "b begins",
    "a ends",
    "b ends",
    "exclusive begins",
    "exclusive ends",
    "c begins",
    "c ends",
  ]);
});

test("shared work goes on after exclusive work that failed", async () => {
  const lock = new SharedLock();
  await expect(lock.exclusive(() => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
  expect(await lock.shared(async () => "runs")).toBe("runs");
});
