import { expect, test } from "@jest/globals";
import { publisherAndSubscriber } from "./publisher-and-subscriber.ts";

test("an event takes effect once and its outbox row is processed", async () => {
  await using run = await publisherAndSubscriber();
  await run.publish([{ n: 1 }, { n: 2 }]);
  await run.outboxBecomes({ processed: 2 });
  expect(await run.effects()).toEqual([1, 2]);
  expect(await run.inbox()).toEqual({ processed: 2 });
});
