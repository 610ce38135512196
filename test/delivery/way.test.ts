import { expect, test } from "@jest/globals";
import { pair } from "./pair.ts";

test("an event takes effect once and its outbox row is processed", async () => {
  await using run = await pair();
  await run.publish([{ n: 1 }, { n: 2 }]);
  await run.outboxBecomes({ processed: 2 });
  expect(await run.effects()).toEqual([1, 2]);
  expect(await run.inbox()).toEqual({ processed: 2 });
});
