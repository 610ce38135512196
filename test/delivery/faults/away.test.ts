import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { runFolder, setup, startProxy, statuses, type TestStack, until } from "postbox/testing";
import { noted } from "../example-events.ts";
import publisher from "../fixtures/auth.service.ts";
import { balanced, Ledger, range } from "../ledger.ts";
import { type Deployment, deployment } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

/** Waits until a process says that it is ready, or that it is not. */
const answers = (metrics: string, status: 200 | 503) =>
  until(async () => (await fetch(`${metrics}/health/ready`)).status === status, {
    what: `ready is answered with ${status}`,
  });

/** Remembers the next message on a subject. @returns what publishes it again, more often than all hands of a service hold. */
async function rememberNext({ nats, jsm }: Deployment, subject: string): Promise<(stream: string) => Promise<void>> {
  const subscription = nats.subscribe(subject, { max: 1 });
  await nats.flush();
  return async (stream) => {
    const { max_ack_pending: most = 0 } = (await jsm.consumers.info(stream, "mailbox")).config;
    for await (const message of subscription)
      await Promise.all(range(1, most + 50).map(() => nats.jetstream().publish(message.subject, message.data)));
  };
}

test("a worker without its database leaves the mailbox to those that have theirs, and takes part again", async () => {
  await using run = await deployment({ ackWaitMs: 5_000 });
  const { ledger, users, auth } = run;
  await using link = await startProxy(users.options);
  await run.startPublisher();
  const ill = await run.spawnWorker({ env: { POSTGRES_PORT: `${link.port}` } });
  link.hold();
  const publishAgain = await rememberNext(run, `users.${noted.subject}`);
  await ledger.commit([{ n: 1 }]);
  await publishAgain("users_stream");
  await ledger.commitRange(2, 51, 5);
  await until(async () => (await statuses(auth, "event_outbox")).pending === undefined, { what: "all are published" });
  await run.startWorker();
  await ledger.differsBy(balanced);
  await answers(ill.metrics, 503);
  link.flow();
  await answers(ill.metrics, 200);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("a publisher without its database leaves its acknowledgements to others of its service", async () => {
  await using run = await deployment({ ackWaitMs: 5_000 });
  const { ledger, auth } = run;
  await using link = await startProxy(auth.options);
  await run.startWorker();
  const ill = await run.spawnPublisher({ env: { POSTGRES_PORT: `${link.port}` } });
  const publishAgain = await rememberNext(run, "ack.auth.>");
  await ledger.commit([{ n: 1 }]);
  await ledger.settled();
  link.hold();
  await answers(ill.metrics, 503);
  await run.startPublisher();
  await publishAgain("auth_acks");
  await ledger.commitRange(2, 51);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  link.flow();
  await answers(ill.metrics, 200);
});

test("a broker that refuses the password for a while is asked again, and ready says so meanwhile", async () => {
  const folder = await runFolder("refusing");
  const path = join(folder, "nats.conf");
  const takes = (password: string) =>
    writeFile(path, `authorization { users: [{ user: postbox, password: "${password}" }] }`);
  await takes("right");
  await using stack = await setup({
    nats: { configuration: { path, env: {} } },
    env: { NATS_USER: "postbox", NATS_PASSWORD: "right" },
  });
  const ledger = await Ledger.open(stack);
  const { metrics } = await stack.startServices([publisher]);
  await answers(metrics, 200);
  await takes("wrong");
  await restart(stack);
  await answers(metrics, 503);
  await until(async () => count(await stack.nats.output(), "authentication error") >= 4, {
    what: "it was refused more than once",
  });
  await takes("right");
  await restart(stack);
  await answers(metrics, 200);
  await ledger.commit([{ n: 1 }]);
  expect(await stack.outbox("auth")).toEqual({ pending: 1 });
});

async function restart({ nats }: TestStack): Promise<void> {
  nats.signal("SIGTERM");
  await nats.ended();
  await nats.start();
}

const count = (text: string, part: string): number => text.toLowerCase().split(part).length - 1;

test("a relay that waits for a frozen broker is not ready, although its other loop finds nothing to do", async () => {
  await using run = await deployment();
  const { ledger, stack } = run;
  const [{ metrics }] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await answers(metrics, 200);
  await ledger.commit([{ n: 1 }]);
  await ledger.settled();
  stack.nats.signal("SIGSTOP");
  await ledger.commit([{ n: 2 }]);
  const relay = async () => {
    const { checks } = JSON.parse(await (await fetch(`${metrics}/health/ready`)).text());
    return checks["relay:auth"];
  };
  await until(async () => (await relay()) !== "ok", { what: "it says so" });
  const begin = performance.now();
  const told = new Set<string>();
  // Longer than its other loop waits between two looks.
  while (performance.now() - begin < 4_000) told.add(await relay());
  expect([...told]).toEqual(["the last batch could not be published"]);
  stack.nats.signal("SIGCONT");
  await answers(metrics, 200);
  await ledger.settled();
});
