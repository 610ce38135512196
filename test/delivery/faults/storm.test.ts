import { randomInt } from "node:crypto";
import { expect, jest, test } from "@jest/globals";
import { handle } from "postbox";
import { type SpawnedServices, until } from "postbox/testing";
import { keyed, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment, keepAlive, load, processed } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

/** For each key of auth's events: the sequences of those that took effect, in the order in which they did. */
async function sequencesByKey({ auth, users }: Deployment): Promise<Map<string, number[]>> {
  const [events, effects] = await Promise.all([
    auth.query<{ id: string; key: string; sequence: string }>({
      text: "select id, key, sequence from event_outbox where key is not null",
    }),
    users.query<{ event_id: string }>({ text: "select event_id from effect order by position" }),
  ]);
  const byId = new Map(events.rows.map((row) => [row.id, row]));
  const byKey = new Map<string, number[]>();
  for (const { event_id } of effects.rows) {
    const event = byId.get(event_id);
    if (event) byKey.set(event.key, [...(byKey.get(event.key) ?? []), Number(event.sequence)]);
  }
  return byKey;
}

async function expectOrder(run: Deployment): Promise<void> {
  for (const [key, sequences] of await sequencesByKey(run))
    expect({ key, sequences }).toEqual({ key, sequences: range(1, sequences.length) });
}

test("two workers and a relay that are killed at random under load lose nothing, double nothing, keep every key's order", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const victims = await Promise.all([
    keepAlive(() => run.spawnPublisher({ waitUntilReady: false })),
    keepAlive(() => run.spawnWorker({ waitUntilReady: false })),
    keepAlive(() => run.spawnWorker({ waitUntilReady: false })),
  ]);
  run.resend();
  const events = load(ledger);
  for (const kill of range(1, 6)) {
    const before = await processed(run);
    const what = `events flow before kill ${kill}`;
    await until(async () => (await processed(run)) > before + 200, { what, deadlineMs: 30_000 });
    victims[randomInt(victims.length)]?.kill();
  }
  await events.stop();
  await ledger.settled(30_000);
  for (const victim of victims) await victim.stop();
  expect(await ledger.imbalance()).toEqual(balanced);
  await expectOrder(run);
});

test("processes that are replaced one after another under load end in good order and in time", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const running = await Promise.all([run.spawnPublisher(), run.spawnWorker()]);
  run.resend();
  const spawns = [() => run.spawnPublisher(), () => run.spawnWorker()];
  const events = load(ledger);
  const replace = async (old: SpawnedServices, spawn: () => Promise<SpawnedServices>) => {
    const next = await spawn();
    const before = await processed(run);
    old.signal("SIGTERM");
    // It is killed if it takes longer than 15 s.
    await old.stop();
    expect(await old.ended).toBe("exit code 0");
    await until(async () => (await processed(run)) > before, { what: "events flow", deadlineMs: 20_000 });
    return next;
  };
  for (const _ of range(1, 2))
    for (const [index, spawn] of spawns.entries()) {
      const old = running[index];
      if (old) running[index] = await replace(old, spawn);
    }
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  await expectOrder(run);
});

test("keys keep their order over four workers, random failures and transactions that overtake one another", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const moody = handle(keyed, async (message, tx) => {
    if (message.attempt === 1 && randomInt(20) === 0) throw new Error("not now");
    await writeEffect(message, tx);
  });
  await run.startPublisher();
  await Promise.all(range(1, 4).map(() => run.startWorker([moody])));
  const writers = range(0, 3).map(async (writer) => {
    for (const n of range(1, 50)) {
      const key = (offset: number) => `key-${(n + offset) % 20}`;
      const first = writer * 1000 + n * 2;
      await ledger.commit([
        { event: keyed, n: first, key: key(writer) },
        { event: keyed, n: first + 1, key: key(writer * 7) },
      ]);
    }
  });
  await Promise.all(writers);
  await ledger.settled(40_000);
  expect(await ledger.imbalance()).toEqual(balanced);
  await expectOrder(run);
});

test("a key whose event fails waits for it, and the other keys go on", async () => {
  await using run = await deployment();
  const { ledger } = run;
  let mended = false;
  const failing = handle(keyed, async (message, tx) => {
    if (message.data.n === 1 && !mended) throw new Error("not yet");
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([failing])]);
  await ledger.commit(range(1, 60).map((n) => ({ event: keyed, n, key: `key-${n % 3}` })));
  const blocked = range(1, 60).filter((n) => n % 3 === 1);
  await ledger.differsBy({ ...balanced, lost: blocked });
  mended = true;
  await run.users.query({ text: "update event_inbox set next_attempt_at = now() where status = 'failed'" });
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  await expectOrder(run);
});
