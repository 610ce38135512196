import { expect, test } from "@jest/globals";
import { range } from "../ledger.ts";
import { plainHandlers, publisherAndSubscriber } from "../publisher-and-subscriber.ts";
import { mostRead } from "./rows-read.ts";

test("settling a batch does not read a table of ten thousand events that it has figures of", async () => {
  await using run = await publisherAndSubscriber([]);
  const { auth, publisher } = run;
  await auth.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status)
      select gen_random_uuid(), 'auth.note', 1, 'users', '{}', 'hash', 'processed' from generate_series(1, 10000)`,
  });
  await auth.query({ text: "analyze event_outbox" });
  await run.startWorker(plainHandlers);
  let processed = 10_000;
  const settleBatch = async () => {
    await run.publish(range(1, 400).map((n) => ({ n })));
    processed += 400;
    await run.outboxBecomes({ processed });
  };
  expect(await mostRead(publisher.runtime.database, "event_outbox", settleBatch)).toBeLessThan(5_000);
});
