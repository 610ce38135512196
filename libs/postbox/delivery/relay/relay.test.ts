import { expect, jest, test } from "@jest/globals";
import { Database } from "postbox";
import { publisherAndSubscriber } from "../../../../test/delivery/publisher-and-subscriber.ts";
import { relaySettings } from "./relay-settings.ts";

test("what is committed while a relay finds nothing to claim is published without it", async () => {
  await using run = await publisherAndSubscriber();
  // Of all views of the database: the relay has one of its own.
  const { transaction } = Database.prototype;
  const [looks, found] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  jest.spyOn(Database.prototype, "transaction").mockImplementation(async function (this: Database, work, settings) {
    if (settings === relaySettings) {
      looks.resolve();
      await found.promise;
    }
    return transaction.call(this, work, settings);
  });
  try {
    await looks.promise;
    await run.publish([{ n: 1 }]);
    await run.outboxBecomes({ processed: 1 });
    expect(await run.effects()).toEqual([1]);
  } finally {
    found.resolve();
    jest.restoreAllMocks();
  }
});
