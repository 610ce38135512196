import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runFolder } from "../../../../../test/harness/run.ts";
import { keptPort } from "./kept-port.ts";

let home: string;

beforeEach(async () => {
  home = await runFolder("ports");
});

afterEach(() => rm(home, { recursive: true }));

test("each server of a home gets its port again, and another one when the port is taken", async () => {
  const nats = await keptPort(home, "nats");
  const postgres = await keptPort(home, "postgres");
  expect([await keptPort(home, "nats"), await keptPort(home, "postgres")]).toEqual([nats, postgres]);

  const stranger = createServer().listen(nats, "127.0.0.1");
  await once(stranger, "listening");
  const other = await keptPort(home, "nats");
  stranger.close();
  expect(other).not.toBe(nats);
  expect(await keptPort(home, "nats")).toBe(other);
});

test.each(["", "no port", "99999", "80"])("a file of '%s' counts as no port", async (text) => {
  await keptPort(home, "nats");
  await writeFile(join(home, "ports", "nats"), text);
  expect(await keptPort(home, "nats")).toBeGreaterThan(19_999);
});
