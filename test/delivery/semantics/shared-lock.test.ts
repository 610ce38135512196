import { expect, test } from "@jest/globals";
import { SharedLock } from "../../../libs/postbox/delivery/inbox/execution/shared-lock.ts";

/** Work that says when it begins and when it ends, and ends when it is told to. */
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

test("what runs alone waits for all that runs, though that fails, and what comes meanwhile waits for it", async () => {
  const lock = new SharedLock();
  const seen: string[] = [];
  const [a, b, alone, c] = ["a", "b", "alone", "c"].map((name) => work(name, seen));
  if (!a || !b || !alone || !c) throw new TypeError("There are four.");
  const failing = lock.shared(a.run);
  const running = [failing.catch(() => undefined), lock.shared(b.run), lock.exclusive(alone.run), lock.shared(c.run)];
  a.end.reject(new Error("not now"));
  await expect(failing).rejects.toThrow("not now");
  for (const { end } of [b, alone, c]) end.resolve();
  await Promise.all(running);
  expect(seen).toEqual([
    "a begins",
    "b begins",
    "a ends",
    "b ends",
    "alone begins",
    "alone ends",
    "c begins",
    "c ends",
  ]);
});

test("what runs alone and fails lets the others go on", async () => {
  const lock = new SharedLock();
  await expect(lock.exclusive(() => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
  expect(await lock.shared(async () => "runs")).toBe("runs");
});
