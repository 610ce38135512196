import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { action, object, service } from "postbox";
import { rest } from "postbox/mixins";
import { setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { shop } from "./fixtures.ts";

const entered = Promise.withResolvers<void>();
const gate = Promise.withResolvers<void>();

/** Answers when the test lets it. */
const patient = service({
  name: "patient",
  version: 1,
  mixins: [rest("patient", { latest: 1 })],
  actions: {
    wait: action({
      rest: "GET /wait",
      access: "public",
      params: object({}),
      response: Type.Integer(),
      async handler() {
        entered.resolve();
        await gate.promise;
        return 7;
      },
    }),
  },
});

let stack: TestStack;
let gateway: string;
let metrics: string;

beforeAll(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  ({ gateway, metrics } = await stack.startServices(["gateway", shop, patient]));
});
afterAll(() => stack.stop());

const scrape = async () => (await (await fetch(`${metrics}/metrics`)).text()).split("\n");
const value = (lines: readonly string[], series: string) =>
  Number(
    lines
      .find((line) => line.startsWith(`${series} `))
      ?.split(" ")
      .at(-1) ?? 0,
  );

test("requests are counted by method, route and status, and their time by route", async () => {
  const ok = 'postbox_http_requests_total{method="GET",route="/shop/items/:id",status="200"}';
  const refused = ok.replace("200", "422");
  const earlier = await scrape();
  for (const id of ["a", "b"]) await fetch(`${gateway}/shop/items/${id}`);
  await fetch(`${gateway}/shop/items/c?count=x`);
  const lines = await scrape();
  expect(value(lines, ok) - value(earlier, ok)).toBe(2);
  expect(value(lines, refused) - value(earlier, refused)).toBe(1);
  const buckets = lines.filter((line) =>
    line.startsWith('postbox_http_request_duration_seconds_bucket{route="/shop/items/:id"'),
  );
  expect(buckets).toHaveLength(7);
  expect(value(lines, 'postbox_http_request_duration_seconds_count{route="/shop/items/:id"}')).toBe(
    Number(buckets.at(-1)?.split(" ").at(-1)),
  );
  expect(await scrape()).toContainEqual(lines.find((line) => line.startsWith(ok)));
});

test("a request whose client goes away before its answer is counted as aborted, and not by the status it would have had", async () => {
  const series = (status: string) =>
    `postbox_http_requests_total{method="GET",route="/patient/wait",status="${status}"}`;
  const leaving = new AbortController();
  const answer = fetch(`${gateway}/patient/wait`, { signal: leaving.signal });
  await entered.promise;
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await until(async () => value(await scrape(), series("aborted")) === 1);
  gate.resolve();
  expect((await fetch(`${gateway}/patient/wait`)).status).toBe(200);
  const lines = await scrape();
  expect([value(lines, series("200")), value(lines, series("aborted"))]).toEqual([1, 1]);
});

test("ten thousand random paths and methods add next to no series", async () => {
  const before = (await scrape()).filter((line) => !line.startsWith("#")).length;
  const random = () => Math.random().toString(36).slice(2);
  for (let batch = 0; batch < 200; batch += 1)
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const method = n % 10 === 0 ? "PURGE" : "GET";
        await (await fetch(`${gateway}/${random()}/${random()}`, { method })).arrayBuffer();
      }),
    );
  const after = (await scrape()).filter((line) => !line.startsWith("#")).length;
  expect(after - before).toBeLessThan(40);
  expect(after).toBeLessThan(2_000);
});
