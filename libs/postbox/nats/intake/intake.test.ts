import { expect, test } from "@jest/globals";
import { type NatsConnection, nanos } from "nats";
import { setup, until } from "postbox/testing";
import { noted } from "../../../../test/delivery/example-events.ts";
import { range } from "../../../../test/delivery/ledger.ts";
import { connectNats } from "../connection/connect.ts";
import { mailboxOf } from "../mailbox/mailbox-definition.ts";
import { Intake } from "./intake.ts";

/** Two who take what comes for users, each on a connection of its own; what is in nobody's hand stays there. */
async function intakes() {
  const stack = await setup({ env: { ACK_WAIT_MS: "600000" } });
  const { broker } = await stack.startServices([]);
  const connections = await Promise.all(range(1, 2).map((n) => connectNats(stack.config, `intake-${n}`)));
  const intake = (nats: NatsConnection) =>
    new Intake(nats, mailboxOf("users"), { prefetch: 200, logger: broker.logger, onHeal: () => undefined });
  const [nats, other] = connections;
  if (nats === undefined || other === undefined) throw new Error("There are not two connections.");
  const jsm = await nats.jetstreamManager();
  const unacknowledged = async () => (await jsm.consumers.info("users_stream", "mailbox")).num_ack_pending;
  return {
    one: intake(nats),
    two: intake(other),
    unacknowledged,
    /** Publishes messages and waits until the broker has handed them out. */
    handOut: async (count: number) => {
      await Promise.all(range(1, count).map((n) => nats.jetstream().publish(`users.${noted.subject}`, `${n}`)));
      await until(async () => (await unacknowledged()) === count, { what: "all are handed out" });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await stack.stop();
    },
  };
}

test("what an intake has queued when it ends may still be taken, and is redelivered to nobody", async () => {
  await using at = await intakes();
  at.one.start();
  await until(() => at.one.ready, { what: "it is ready" });
  await at.handOut(100);
  await at.one.stop();
  at.one.ack(await at.one.take(100));
  expect(await at.one.take(1)).toEqual([]);
  at.one.close();
  await until(async () => (await at.unacknowledged()) === 0, { what: "all are acknowledged" });
});

test("what an intake that ends gives back is in another one's hands at once, to the last of it", async () => {
  await using at = await intakes();
  at.one.start();
  await until(() => at.one.ready, { what: "it is ready" });
  await at.handOut(100);
  await at.one.stop();
  at.one.close();
  at.two.start();
  const taken = new Set<number>();
  const take = async (): Promise<void> => {
    const messages = await at.two.take(100);
    for (const { seq } of messages) taken.add(seq);
    if (messages.length > 0) return take();
  };
  const taking = take();
  await until(() => taken.size === 100, { what: "the other one has them all" });
  await at.two.stop();
  at.two.close();
  await taking;
  expect(taken.size).toBe(100);
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
