import { readdirSync } from "node:fs";
import { constants, getPriority, platform } from "node:os";
import { afterAll, expect, jest, test } from "@jest/globals";
import { hash, parseOptions } from "@node-rs/argon2";
import type { PostboxError } from "postbox";
import { until } from "postbox/testing";
import { Bounded } from "../../services/auth/passwords/bounded.ts";
import { endIdleThreads } from "../../services/auth/passwords/hashing-threads.ts";
import { hashPassword, isOutdated, verifyPassword } from "../../services/auth/passwords/passwords.ts";
import { password } from "./api.ts";

afterAll(endIdleThreads);

/** On the clock that the test moves. */
const delay = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Their ids; none are told but on Linux. */
function threadsOfLowPriority(): number[] {
  const threads = platform() === "linux" ? readdirSync("/proc/self/task").map(Number) : [];
  return threads.filter((thread) => getPriority(thread) === constants.priority.PRIORITY_LOW);
}

test("a password is hashed by argon2id with 19 MiB, 2 passes and 1 lane, and differently each time", async () => {
  const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(one).toMatch(/^\$argon2id\$/);
  expect(parseOptions(one)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  expect(one).not.toBe(two);
});

test("a password is right for its own hash only, and for no hash at all never", async () => {
  const stored = await hashPassword(password);
  expect(await verifyPassword(password, stored)).toBe(true);
  expect(await verifyPassword(`${password} `, stored)).toBe(false);
  expect(await verifyPassword(password, undefined)).toBe(false);
  expect(await verifyPassword("", undefined)).toBe(false);
});

test("a password is the same in whichever code points it is typed", async () => {
  const [composed, decomposed] = ["Caf\u00e9#1234", "Cafe\u0301#1234"];
  expect(await verifyPassword(decomposed, await hashPassword(composed))).toBe(true);
  expect(await verifyPassword(composed, await hashPassword(decomposed))).toBe(true);
  expect(await verifyPassword("Cafe#1234", await hashPassword(composed))).toBe(false);
});

test("a stored hash that cannot be read is an error, and the next password is checked all the same", async () => {
  await expect(verifyPassword(password, "$argon2id$nonsense")).rejects.toThrow();
  expect(await verifyPassword(password, await hashPassword(password))).toBe(true);
});

test("on Linux passwords are hashed on threads that stand behind all others, and the event loop does not", async () => {
  await hashPassword(password);
  const low = threadsOfLowPriority();
  expect(low.length > 0).toBe(platform() === "linux");
  expect(low).not.toContain(process.pid);
});

test("threads that have nothing to do are ended, and the next password has a new one", async () => {
  const stored = await hashPassword(password);
  const before = threadsOfLowPriority().length;
  await endIdleThreads();
  await until(() => platform() !== "linux" || threadsOfLowPriority().length < before, { what: "a thread is gone" });
  expect(await verifyPassword(password, stored)).toBe(true);
});

test("a hash made with other parameters is outdated", async () => {
  expect(isOutdated(await hash(password, { memoryCost: 8_192, timeCost: 2, parallelism: 1 }))).toBe(true);
  expect(isOutdated(await hashPassword(password))).toBe(false);
});

test("no more work runs at once than may, the rest waits its turn, and what is beyond that is shed", async () => {
  const bounded = new Bounded({ atOnce: 2, waiting: 3, patienceMs: 60_000, rest: 0 });
  const order: number[] = [];
  const gate = Promise.withResolvers<void>();
  const work = (n: number) => () => {
    order.push(n);
    return gate.promise;
  };
  const taken = [0, 1, 2, 3, 4].map((n) => bounded.run(work(n)));
  await expect(bounded.run(work(5))).rejects.toMatchObject({ type: "overloaded", data: { retryAfter: 1 } });
  expect(() => bounded.refuseIfFull()).toThrow("Too many passwords");
  expect(order).toEqual([0, 1]);
  gate.resolve();
  await Promise.all(taken);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(() => bounded.refuseIfFull()).not.toThrow();
});

test("while others wait, a place rests as long as it has worked", async () => {
  jest.useFakeTimers();
  try {
    const bounded = new Bounded({ atOnce: 1, waiting: 2, patienceMs: 60_000, rest: 1 });
    const order: number[] = [];
    const work = (n: number) => bounded.run(() => delay(100).then(() => order.push(n)));
    const all = [1, 2].map(work);
    await jest.advanceTimersByTimeAsync(100);
    expect(order).toEqual([1]);
    await jest.advanceTimersByTimeAsync(199);
    expect(order).toEqual([1]);
    await jest.advanceTimersByTimeAsync(1);
    expect(order).toEqual([1, 2]);
    await Promise.all(all);
    // Nobody waited: the place is free at once.
    const next = work(3);
    await jest.advanceTimersByTimeAsync(100);
    await next;
    expect(order).toEqual([1, 2, 3]);
  } finally {
    jest.useRealTimers();
  }
});

test("work that fails gives its place on", async () => {
  const bounded = new Bounded({ atOnce: 1, waiting: 1, patienceMs: 60_000, rest: 0 });
  const failing = bounded.run(() => Promise.reject(new Error("no")));
  const next = bounded.run(async () => "done");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
  expect(await bounded.run(async () => "free")).toBe("free");
});

test("what has waited too long is shed when its turn comes, and the place becomes free", async () => {
  const bounded = new Bounded({ atOnce: 1, waiting: 5, patienceMs: -1, rest: 0 });
  const gate = Promise.withResolvers<void>();
  const first = bounded.run(() => gate.promise);
  const late = [1, 2].map(() => bounded.run(async () => "too late").catch((error: PostboxError) => error.type));
  gate.resolve();
  await first;
  expect(await Promise.all(late)).toEqual(["overloaded", "overloaded"]);
  expect(await bounded.run(async () => "free")).toBe("free");
});
