import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack } from "postbox/testing";
import { shop } from "./fixtures.ts";

let stack: TestStack;
let gateway: string;
let metrics: string;

beforeAll(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  ({ gateway, metrics } = await stack.startServices(["gateway", shop]));
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
