import { expect, test } from "@jest/globals";
import { earlyEnoughInTheHour, setup } from "../../../../test/harness/index.ts";
import { exceededLimit, type RateLimit } from "../../core/limits/rate-limit.ts";
import { MemoryRateLimitStore } from "./memory-store.ts";
import { PostgresRateLimitStore } from "./postgres-store.ts";

test.each(["postgres", "memory"])("in %s a refused request counts against no other limit", async (kind) => {
  await earlyEnoughInTheHour();
  await using stack = await setup();
  const store = kind === "memory" ? new MemoryRateLimitStore() : new PostgresRateLimitStore(stack.database("gateway"));
  const limits: RateLimit[] = [
    { count: 2, seconds: 3_600 },
    { count: 5, seconds: 86_400 },
  ];
  for (let n = 0; n < 2; n += 1) expect(exceededLimit(await store.take("a", limits))).toBeUndefined();
  for (let n = 0; n < 9; n += 1) expect(exceededLimit(await store.take("a", limits))).toMatchObject({ seconds: 3_600 });
  const usages = await store.take("a", limits);
  expect(usages.find(({ seconds }) => seconds === 86_400)?.hits).toBe(2);
});

test("a window that is over gives room again", async () => {
  let now = 10_500;
  const store = new MemoryRateLimitStore(() => now);
  const limits = [{ count: 1, seconds: 1 }];
  await store.take("a", limits);
  expect(exceededLimit(await store.take("a", limits))).toMatchObject({ resetSeconds: 1 });
  now = 11_000;
  expect(exceededLimit(await store.take("a", limits))).toBeUndefined();
});

test("who goes on after the limit is refused without another question to the database", async () => {
  await earlyEnoughInTheHour();
  await using stack = await setup();
  const database = stack.database("gateway");
  const store = new PostgresRateLimitStore(database);
  const limits: RateLimit[] = [
    { count: 1, seconds: 3_600 },
    { count: 9, seconds: 86_400 },
  ];
  for (const hits of [1, 2]) expect(await store.take("a", limits)).toMatchObject([{ hits }, { hits: 1 }]);
  await database.query({ text: "alter table rate_limit rename to gone" });
  expect(exceededLimit(await store.take("a", limits))).toMatchObject({ count: 1, seconds: 3_600 });
  await expect(store.take("b", limits)).rejects.toThrow("rate_limit");
});
