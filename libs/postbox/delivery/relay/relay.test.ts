import { expect, jest, test } from "@jest/globals";
import { publisherAndSubscriber } from "../../../../test/delivery/publisher-and-subscriber.ts";
import { relaySettings } from "./relay-settings.ts";

test("what is committed while a relay finds nothing to claim is published without it", async () => {
  await using run = await publisherAndSubscriber();
  const { database } = run.publisher.runtime;
  const transaction = database.transaction.bind(database);
  const [looks, found] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  jest.spyOn(database, "transaction").mockImplementation(async (work, settings) => {
    if (settings === relaySettings) {
      looks.resolve();
      await found.promise;
    }
    return transaction(work, settings);
  });
  try {
    await looks.promise;
    await run.publish([{ n: 1 }]);
    await run.outboxBecomes({ processed: 1 });
    expect(await run.effects()).toEqual([1]);
  } finally {
    found.resolve();
  }
});
