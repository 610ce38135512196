import { expect, test } from "@jest/globals";
import { type Database, type HandlerTransaction, handle, type Message } from "postbox";
import { statuses, until } from "postbox/testing";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment } from "./deployment.ts";

type Note = Message<{ n: number; text?: string }>;

/** Takes all connections that a service has, those that are kept from requests too. @returns what ends this. */
async function takeAll(database: Database): Promise<() => Promise<unknown>> {
  const go = Promise.withResolvers<void>();
  const transactions = range(1, database.options.poolSize).map(() => {
    const begun = Promise.withResolvers<void>();
    const ended = database.as("relay").transaction(async (tx) => {
      await tx.query({ text: "select 1" });
      begun.resolve();
      await go.promise;
    });
    return { begun: begun.promise, ended };
  });
  await Promise.all(transactions.map(({ begun }) => begun));
  return () => {
    go.resolve();
    return Promise.all(transactions.map(({ ended }) => ended));
  };
}

const taken = ({ jsm }: Deployment) =>
  until(async () => (await jsm.consumers.info("users_stream", "mailbox")).num_ack_pending > 0, {
    what: "the worker has them in hand",
  });

/** Stored events that count a failure or a crash. */
const charged = async ({ users }: Deployment) =>
  (await users.query({ text: "select id from event_inbox where attempts > 0 or crashes > 0" })).rows;

test("events wait while all connections of their service are held, and are then handled at their first attempt", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const attempts = new Set<number>();
  const count = async (message: Note, tx: HandlerTransaction) => {
    attempts.add(message.attempt);
    await writeEffect(message, tx);
  };
  const handlers = [handle(noted, count), handle(keyed, count, { mode: "external" })];
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker(handlers)]);
  await until(() => run.jsm.consumers.info("users_stream", "mailbox"), { what: "the mailbox is there" });
  const letGo = await takeAll(worker.runtime("users").database);
  await ledger.commit([...range(1, 20).map((n) => ({ n })), ...range(21, 25).map((n) => ({ event: keyed, n }))]);
  await taken(run);
  await until(async () => (await fetch(`${worker.metrics}/health/ready`)).status === 503, { what: "ready says so" });
  expect(await statuses(run.users, "event_inbox")).toEqual({});
  await letGo();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect([...attempts]).toEqual([1]);
  expect(await charged(run)).toEqual([]);
});

test("retries that hold all connections of their service keep requests and other events waiting only until they end", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const go = Promise.withResolvers<void>();
  const calls: string[] = [];
  const slow = handle(noted, async (message: Note, tx: HandlerTransaction) => {
    const { n, text } = message.data;
    if (text === "retry") {
      if (message.attempt === 1) throw new Error("not now");
      calls.push(`${n}: ${message.attempt}`);
      await go.promise;
    }
    await writeEffect(message, tx);
  });
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker([slow])]);
  const { database } = worker.runtime("users");
  const numbers = range(1, database.options.poolSize);
  await ledger.commit(numbers.map((n) => ({ n, text: "retry" })));
  await until(() => calls.length === numbers.length, { what: "all connections are taken" });
  let answered = false;
  const request = database.query({ text: "select 1" }).then(() => {
    answered = true;
  });
  await ledger.commit(range(11, 20).map((n) => ({ n })));
  await taken(run);
  expect(answered).toBe(false);
  go.resolve();
  await request;
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(calls.toSorted()).toEqual(numbers.map((n) => `${n}: 2`));
  const { rows } = await users.query({ text: "select from event_inbox where crashes > 0" });
  expect(rows).toEqual([]);
});
