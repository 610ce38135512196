import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { statuses, until } from "postbox/testing";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment } from "./deployment.ts";

/** From now on counts how often an event of the inbox is released from being held. */
async function countReleases({ users }: Deployment): Promise<() => Promise<number>> {
  await users.query({ text: "create table release (id uuid)" });
  await users.query({
    text: `create function note_release() returns trigger language plpgsql as $$
      begin
        insert into release values (new.id);
        return null;
      end $$`,
  });
  await users.query({
    text: `create trigger note_release after update on event_inbox for each row
      when (old.status = 'held' and new.status <> 'held') execute function note_release()`,
  });
  return async () => (await users.query({ text: "select from release" })).rows.length;
}

/** The release that does not know `auth.keyed`. */
const older = [handle(noted, writeEffect)];

test("while two releases run, what the older one takes up is held again and not released each time that the newer one searches", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const releases = await countReleases(run);
  await Promise.all([run.startPublisher(), run.startWorker(older)]);
  await ledger.commit(range(1, 20).map((n) => ({ event: keyed, n })));
  const inbox = async (expected: Record<string, number>) => {
    const state = async () => JSON.stringify(await statuses(users, "event_inbox")) === JSON.stringify(expected);
    await until(state, { what: `the inbox is ${JSON.stringify(expected)}` });
  };
  await inbox({ held: 20 });

  const go = Promise.withResolvers<void>();
  const slow = handle(
    keyed,
    async (message, tx) => {
      await go.promise;
      await writeEffect(message, tx);
    },
    { mode: "external" },
  );
  // It runs two at a time; the older one finds the others due.
  const begin = performance.now();
  const newer = await run.startWorker([handle(noted, writeEffect), slow]);
  await inbox({ failed: 2, held: 18 });
  // Each of these brings both releases to search for what is due.
  for (const n of range(21, 40)) {
    await ledger.commit([{ key: "a", n }]);
    await ledger.differsBy({ ...balanced, lost: range(1, 20) });
  }
  // The newer release searches once a minute.
  const searches = 1 + Math.floor((performance.now() - begin) / 60_000);
  expect(await releases()).toBeLessThanOrEqual(20 * searches);
  go.resolve();
  await newer.stop();
  expect(await ledger.imbalance()).toMatchObject({ doubled: [], ghosts: [] });
});

test("a release that knows what is held takes it up when it starts, in the order of its key", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const releases = await countReleases(run);
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker(older)]);
  await ledger.commit(range(1, 10).map((n) => ({ event: keyed, key: "a", n })));
  await ledger.commit(range(11, 20).map((n) => ({ event: keyed, n })));
  await until(async () => (await statuses(run.auth, "event_outbox")).received === 20, { what: "all are kept" });
  expect(await statuses(users, "event_inbox")).toEqual({ held: 11, parked: 9 });
  await worker.stop();
  await run.startWorker();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(await releases()).toBe(11);
  const { rows } = await users.query<{ n: number }>({ text: "select n from effect where key = 'a' order by position" });
  expect(rows.map(({ n }) => n)).toEqual(range(1, 10));
});
