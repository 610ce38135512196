import { expect, jest, test } from "@jest/globals";
import { type FaultyLink, type Line, startProxy, until } from "postbox/testing";
import { keyed } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment, load, processed } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

interface Links extends AsyncDisposable {
  readonly postgres: FaultyLink;
  readonly nats: FaultyLink;
}

/** Spawns the publisher and the worker behind one line to Postgres and one to the broker. */
async function spawnBehind(run: Deployment, line: Line = {}): Promise<Links> {
  const postgres = await startProxy(run.auth.options, line);
  const nats = await startProxy(run.broker, line);
  const env = { POSTGRES_PORT: `${postgres.port}`, NATS_URL: `nats://127.0.0.1:${nats.port}` };
  await Promise.all([run.spawnPublisher({ env }), run.spawnWorker({ env })]);
  return {
    postgres,
    nats,
    [Symbol.asyncDispose]: async () => {
      await postgres[Symbol.asyncDispose]();
      await nats[Symbol.asyncDispose]();
    },
  };
}

test("links to Postgres and the broker that go nowhere without a word are given up, and events flow again", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await using links = await spawnBehind(run);
  run.resend();
  const events = load(ledger);
  await until(async () => (await processed(run)) > 100, { what: "events flow" });
  // On a line that is whole: that it takes long is no sign of a fault.
  const slow = run.users.query({ text: "select pg_sleep(10)" });
  links.postgres.halfOpen();
  links.nats.halfOpen();
  await ledger.commit([{ n: -1 }]);
  const marked = async () => {
    const { rows } = await run.auth.query({
      text: "select from event_outbox where (data->>'n')::int = -1 and status = 'processed'",
    });
    return rows.length === 1;
  };
  await until(marked, { what: "what was committed since is processed" });
  await slow;
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("over lines that are 200 ms there and back and 10 kB/s wide all drains, each effect once", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await using _links = await spawnBehind(run, { latencyMs: 100, bytesPerSecond: 10_000 });
  run.resend(5_000);
  await ledger.commitRange(1, 8, 4);
  await ledger.commit(range(9, 16).map((n) => ({ event: keyed, key: `key-${n % 3}`, n })));
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
