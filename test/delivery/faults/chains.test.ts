import { expect, jest, test } from "@jest/globals";
import { statuses, until } from "postbox/testing";
import { keyed } from "../example-events.ts";
import { range } from "../ledger.ts";
import { deployment, kill } from "./deployment.ts";
import { failpoint } from "./failpoint.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("a key in which a process ended goes on one by one, also behind an event at which the next process ends", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await run.startPublisher();
  // What a process had handled and not told yet, it is asked about again.
  run.resend();
  const inbox = () => statuses(users, "event_inbox");
  /** Starts a worker and ends it at its next effect of this kind. */
  const endsAt = async (effect: string, begin: () => Promise<unknown> = async () => undefined) => {
    await using handling = await failpoint(users, `after insert on effect for each row ${effect}`);
    const worker = await run.spawnWorker();
    await begin();
    await handling.reached();
    const left = await inbox();
    await kill(worker);
    await handling.lift();
    return left;
  };
  await users.query({ text: "alter table effect add constraint broken check (false)" });
  const fails = async () => {
    await ledger.commit(range(1, 6).map((n) => ({ event: keyed, key: "a", n })));
    await until(async () => (await inbox()).parked === 5, { what: "the first has failed and the others wait" });
    await users.query({ text: "alter table effect drop constraint broken" });
  };
  expect(await endsAt("", fails)).toEqual({ failed: 1, parked: 5 });
  expect(await endsAt("when (new.n = 3)")).toEqual({ failed: 1, parked: 3, processed: 2 });
  await run.spawnWorker();
  await ledger.settled();
  const { rows: effects } = await users.query<{ n: number; transaction: string }>({
    text: "select n, xmin::text as transaction from effect order by position",
  });
  expect(effects.map(({ n }) => n)).toEqual(range(1, 6));
  expect(new Set(effects.map(({ transaction }) => transaction)).size).toBe(6);
  const { rows: crashed } = await users.query({
    text: "select sequence::int from event_inbox where crashes > 0 order by sequence",
  });
  expect(crashed).toEqual([{ sequence: 1 }, { sequence: 3 }]);
});
