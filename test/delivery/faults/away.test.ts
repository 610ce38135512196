import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { nanos } from "nats";
import { runFolder, setup, startProxy, statuses, type TestStack, until } from "postbox/testing";
import { connectNats } from "../../../libs/postbox/nats/connection/connect.ts";
import { Intake } from "../../../libs/postbox/nats/intake/intake.ts";
import { acksOf, mailboxOf } from "../../../libs/postbox/nats/mailbox/mailbox-definition.ts";
import publisher from "../fixtures/auth.service.ts";
import { balanced, Ledger, range } from "../ledger.ts";
import { deployment } from "./deployment.ts";

/** Waits until a process says that it is ready, or that it is not. */
const answers = (metrics: string, status: 200 | 503) =>
  until(async () => (await fetch(`${metrics}/health/ready`)).status === status, {
    what: `ready is answered with ${status}`,
  });

test("a worker without its database leaves the mailbox to those that have theirs, and takes part again", async () => {
  await using run = await deployment({ ackWaitMs: 5_000 });
  const { ledger, users, auth } = run;
  await using link = await startProxy(users.options);
  await run.startPublisher();
  const ill = await run.spawnWorker({ env: { POSTGRES_PORT: `${link.port}` } });
  link.hold();
  const { max_ack_pending: most = 0 } = mailboxOf("users").consumer;
  for (const n of range(1, most + 50)) {
    await ledger.commit([{ n }]);
    await until(async () => (await statuses(auth, "event_outbox")).pending === undefined, { what: "it is published" });
  }
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
  link.hold();
  await answers(ill.metrics, 503);
  await run.startPublisher();
  const { max_ack_pending: most = 0 } = acksOf("auth").consumer;
  for (const n of range(1, most + 50)) await ledger.commit([{ n }]);
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
  const ledger = await Ledger.open(stack.database("auth"), stack.database("users"));
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

test("two releases whose figures differ share a consumer: the newer start changes it in place, once", async () => {
  await using stack = await setup();
  const { broker } = await stack.startServices([]);
  const nats = await connectNats(stack.config, "releases");
  const jsm = await nats.jetstreamManager();
  const healed: string[] = [];
  const release = (ackWaitMs: number) => {
    const { stream, consumer } = mailboxOf("users");
    return new Intake(
      nats,
      { stream, consumer: { ...consumer, ack_wait: nanos(ackWaitMs) } },
      { prefetch: 10, logger: broker.logger, onHeal: (fault) => healed.push(`${ackWaitMs}: ${fault}`) },
    );
  };
  const info = () => jsm.consumers.info("users_stream", "mailbox");
  const [older, newer] = [release(30_000), release(20_000)];
  older.start();
  await until(() => older.ready, { what: "the older is ready" });
  const { created } = await info();
  newer.start();
  await until(() => newer.ready, { what: "the newer is ready" });
  // Each looks at its mailbox every two seconds.
  const begin = performance.now();
  while (performance.now() - begin < 5_000)
    expect(await info()).toMatchObject({ created, config: { ack_wait: nanos(20_000) } });
  expect(healed).toEqual(["20000: outdated"]);
  for (const one of [older, newer]) {
    await one.stop();
    one.close();
  }
  await nats.close();
});
