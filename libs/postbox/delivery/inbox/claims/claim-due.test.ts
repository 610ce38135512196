import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { mostRead } from "../../../../../test/delivery/bounds/rows-read.ts";
import { claimDue } from "./claim-due.ts";

const backlog = 30_000;

let stack: TestStack;
let users: Database;
beforeAll(async () => {
  stack = await setup();
  users = stack.database("users");
});
beforeEach(async () => {
  await users.query({ text: "truncate event_inbox" });
});
afterAll(() => stack.stop());

/** Stores events of one type that are all due. */
async function storeDue(type: string, count: number): Promise<void> {
  await users.query({
    text: `insert into event_inbox (id, source, event_type, version, payload_hash, data, headers, status, occurred_at,
        next_attempt_at)
      select uuidv7(), 'auth', $1, 1, 'hash', '{}', '{}', 'failed', now(), now() - interval '1 second'
      from generate_series(1, $2::int)`,
    values: [type, count],
  });
}

test.each([
  ["before the planner knows the table", false, "auth.mail"],
  ["after the table was analyzed", true, "auth.mail"],
  ["after that, where the type is an event of any publisher", true, "*.mail"],
])(
  "a backlog of one type of stored events is not read to claim others or possible poison, %s",
  async (_, analyzed, type) => {
    await storeDue("auth.mail", backlog);
    await storeDue("auth.note", 3);
    if (analyzed) await users.query({ text: "analyze event_inbox" });
    const filter = { external: [type] };
    const claim = (only: boolean, possiblePoison: boolean) => () =>
      users.transaction(() => claimDue(users, 5, { ...filter, only, possiblePoison }));
    expect(await mostRead(users, "event_inbox", claim(false, true))).toBeLessThan(100);
    expect(await mostRead(users, "event_inbox", claim(false, false))).toBeLessThan(100);
    expect(await mostRead(users, "event_inbox", claim(true, true))).toBeLessThan(100);
    expect(await mostRead(users, "event_inbox", claim(true, false))).toBeLessThan(100);
    expect((await claim(true, false)()).map(({ event_type }) => event_type)).toEqual(Array(5).fill("auth.mail"));
  },
);
