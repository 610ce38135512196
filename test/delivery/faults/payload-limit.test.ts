import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { handle, PermanentError } from "postbox";
import { resolveDeadLetters, runFolder, statuses, until } from "postbox/testing";
import { keyed, noted } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { publisherAndSubscriber } from "../publisher-and-subscriber.ts";
import { type Deployment, deployment } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

const usual = 1_048_576;
const lowered = 65_536;

/** A deployment whose broker has a configuration, in a file of this path. */
async function configuredDeployment() {
  const path = join(await runFolder("payload-limit"), "nats.conf");
  await writeFile(path, `max_payload: ${usual}`);
  return { run: await deployment({ nats: { configuration: { path, env: {} } } }), path };
}

type Change = (run: Deployment, path: string, bytes: number) => Promise<void>;

const restart: Change = async ({ stack }, path, bytes) => {
  await writeFile(path, `max_payload: ${bytes}`);
  stack.nats.signal("SIGTERM");
  await stack.nats.ended();
  await stack.nats.start();
};

/** The broker tells its clients nothing of it. */
const reload: Change = async ({ stack }, path, bytes) => {
  // It believes the file alone, which must then say what the command line said at the start.
  await writeFile(path, `max_payload: ${bytes}, jetstream: { store_dir: "${stack.nats.store}" }`);
  stack.nats.signal("SIGHUP");
  const seen = async () => {
    const nats = await stack.connectNats();
    const { max_payload } = nats.info ?? {};
    await nats.close();
    return max_payload === bytes;
  };
  await until(seen, { what: `the broker takes ${bytes} bytes` });
};

test.each([
  ["restarts", restart],
  ["reloads its configuration", reload],
])(
  "when a broker %s with a lower payload limit, what is too large is dead with the reason and the rest goes on",
  async (_, change) => {
    const { run, path } = await configuredDeployment();
    await using _run = run;
    const { ledger, auth } = run;
    const [publisher] = await Promise.all([run.startPublisher(), run.startWorker()]);
    await ledger.commit([{ n: 1 }]);
    await ledger.settled();
    const large = "x".repeat(200_000);
    await ledger.commit(
      [
        { n: 2 },
        { n: 3, text: large },
        ...range(4, 43).map((n) => ({ n, text: "x".repeat(5_000) })),
        { event: keyed, key: "a", n: 44 },
        { event: keyed, key: "a", n: 45, text: large },
        { event: keyed, key: "a", n: 46 },
      ],
      () => change(run, path, lowered),
    );
    await ledger.differsBy({ ...balanced, lost: [3, 45, 46] });
    const becomes = (expected: Record<string, number>) =>
      until(async () => JSON.stringify(await statuses(auth, "event_outbox")) === JSON.stringify(expected), {
        what: `the outbox is ${JSON.stringify(expected)}`,
      });
    await becomes({ dead: 2, processed: 43, received: 1 });
    const { rows } = await auth.query<{ id: string; key: string | null }>({
      text: `select id, key from event_outbox where status = 'dead' and send_number = 0
      and error_message like 'Over the broker''s payload limit%' order by key`,
    });
    expect(rows).toHaveLength(2);
    await until(async () => (await fetch(`${publisher.metrics}/health/ready`)).status === 200, {
      what: "auth is ready",
    });

    const [letGo, kept] = rows.map(({ id }) => id);
    await resolveDeadLetters(auth, "skip", { ids: [letGo ?? ""] }, "ada");
    await becomes({ dead: 1, processed: 44, skipped: 1 });
    await restart(run, path, usual);
    await resolveDeadLetters(auth, "replay", { ids: [kept ?? ""] }, "ada");
    await becomes({ processed: 45, skipped: 1 });
    expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [45] });
  },
);

test("what a broker holds from before its limit was lowered is delivered, and no acknowledgement is too large for it", async () => {
  const { run, path } = await configuredDeployment();
  await using _run = run;
  const { ledger, auth } = run;
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await until(() => run.jsm.streams.info("users_stream"), { what: "the mailbox is there" });
  await worker.stop();
  await ledger.commit(range(1, 5).map((n) => ({ n, text: "x".repeat(200_000) })));
  await ledger.commit(range(6, 305).map((n) => ({ n })));
  await until(async () => (await statuses(auth, "event_outbox")).published === 305, { what: "all are published" });
  await restart(run, path, lowered);
  const why = "x".repeat(400);
  await run.startWorker([
    handle(noted, async () => {
      throw new PermanentError(why);
    }),
  ]);
  await until(async () => (await statuses(auth, "event_outbox")).dead === 305, {
    what: "the publisher was told of all",
  });
  const { rows } = await auth.query({
    text: "select from event_outbox where error_message like $1",
    values: [`%${why}`],
  });
  expect(rows).toHaveLength(305);
});

test("what a connection takes for too large by a limit that it knew before it was away is not dead, but published", async () => {
  await using run = await publisherAndSubscriber();
  const { nats } = run.publisher.runtime;
  const known = nats.info;
  if (known === undefined) throw new Error("The publisher is not connected.");
  const flush = nats.flush.bind(nats);
  // As while it is away from a broker that was restarted with a higher limit: the first answer brings the limit of now.
  known.max_payload = 4_096;
  const flushes = jest.spyOn(nats, "flush").mockImplementation(async () => {
    await flush();
    known.max_payload = usual;
  });
  await run.stack.publish(noted, { n: 1, text: "x".repeat(5_000) });
  await run.outboxBecomes({ processed: 1 });
  expect(flushes).toHaveBeenCalled();
});
