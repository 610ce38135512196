import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { mostRead } from "../../../../test/delivery/bounds/rows-read.ts";
import { relaySettings } from "../relay/relay-settings.ts";
import { claimPending } from "./claim-pending.ts";
import { publishedTargets } from "./published-targets.ts";

const megabyte = 1024 * 1024;

let stack: TestStack;
let auth: Database;
beforeAll(async () => {
  stack = await setup();
  auth = stack.database("auth");
});
beforeEach(async () => {
  await auth.query({ text: "truncate event_outbox" });
});
afterAll(() => stack.stop());

interface Backlog {
  readonly target: string;
  readonly count: number;
  /** Bytes of each payload. Default 100. */
  readonly size?: number;
  readonly status?: "pending" | "published";
  /** Whether the rows say what they weigh, as they do since version 3 of the schema. Default true. */
  readonly weighed?: boolean;
}

async function fill({ target, count, size = 100, status = "pending", weighed = true }: Backlog): Promise<void> {
  await auth.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status, bytes)
      select gen_random_uuid(), 'auth.note', 1, $1, to_json(repeat('x', $2)), 'hash', $3, case when $4 then $2 + 2 end
      from generate_series(1, $5::int)`,
    values: [target, size, status, weighed, count],
  });
}

const claim = (paused: readonly string[] = []) =>
  auth.transaction((tx) => claimPending(tx, 500, paused), relaySettings);

test.each(["before the planner knows the table", "after it was analyzed"])(
  "the backlog of a paused target is not read on the way to the others' events, %s",
  async (when) => {
    await fill({ target: "emails", count: 30_000 });
    await fill({ target: "gateway", count: 2 });
    await fill({ target: "users", count: 3 });
    if (when.startsWith("after")) await auth.query({ text: "analyze event_outbox" });
    const others = async () => {
      const { rows, full } = await claim(["emails"]);
      expect(rows.map(({ target }) => target)).toEqual(["gateway", "gateway", "users", "users", "users"]);
      expect(full).toBe(false);
    };
    expect(await mostRead(auth, "event_outbox", others)).toBeLessThan(50);
  },
);

test("a long backlog of one target leaves the others their share of a claim", async () => {
  await fill({ target: "emails", count: 2_000 });
  await fill({ target: "users", count: 1 });
  const shares = async () => {
    const { rows, full } = await claim();
    expect(rows.filter(({ target }) => target === "emails")).toHaveLength(500);
    expect(rows.filter(({ target }) => target === "users")).toHaveLength(1);
    expect(full).toBe(true);
  };
  expect(await mostRead(auth, "event_outbox", shares)).toBeLessThan(2 * 501 + 50);
});

test.each([true, false])("a claim is bounded by bytes (rows that say their weight: %s)", async (weighed) => {
  await fill({ target: "users", count: 40, size: megabyte / 2, weighed });
  const { rows, full } = await claim();
  const bytes = rows.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
  expect(bytes).toBeGreaterThan(4 * megabyte - megabyte);
  expect(bytes).toBeLessThan(5 * megabyte);
  expect(full).toBe(true);
});

test("an event that is heavier than a whole claim may be goes by itself", async () => {
  await fill({ target: "users", count: 2, size: 6 * megabyte });
  const { rows, full } = await claim();
  expect(rows).toHaveLength(1);
  expect(full).toBe(true);
});

test("which targets have published events is told without reading these", async () => {
  await fill({ target: "emails", count: 20_000, status: "published" });
  await fill({ target: "users", count: 20_000, status: "published" });
  await fill({ target: "gateway", count: 5 });
  await auth.query({ text: "analyze event_outbox" });
  const targets = () =>
    auth.transaction(async () => expect((await publishedTargets(auth)).targets).toEqual(["emails", "users"]));
  expect(await mostRead(auth, "event_outbox", targets)).toBeLessThan(50);
});
