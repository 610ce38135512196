import { expect, jest, test } from "@jest/globals";
import { type Database, type HandlerTransaction, handle, type Message, PermanentError } from "postbox";
import { statuses, until } from "postbox/testing";
import { keyed, noted, type Publication, writeEffect } from "../example-events.ts";
import { balanced, range } from "../ledger.ts";
import { type Deployment, deployment } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

/** From now on the inbox refuses every row that does not satisfy `condition`, until the function given back is called. */
async function breakInbox(users: Database, condition: string): Promise<() => Promise<unknown>> {
  await users.query({ text: `alter table event_inbox add constraint broken check (${condition}) not valid` });
  return () => users.query({ text: "alter table event_inbox drop constraint broken" });
}

/** The waits before retries, and the lease of a retry whose end could not be written, are over. */
const timeHasCome = (users: Database) =>
  users.query({ text: "update event_inbox set next_attempt_at = now() where status = 'failed'" });

/**
 * Commits an event that fails the first time and is then processed, in the way of the retry before it: acknowledgements
 * go in order, so what that one has to tell has been told by then.
 */
async function anotherRetryGoesWell({ ledger, auth }: Deployment, event: Publication): Promise<void> {
  await ledger.commit([event]);
  await until(async () => (await statuses(auth, "event_outbox")).processed === 1, { what: "its retry goes well" });
}

test("a dead letter that cannot be written stays with the broker until it can, and the others go on", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await users.query({
    text: "alter table event_inbox add constraint only_processed check (status = 'processed') not valid",
  });
  const refusing = handle(noted, async (message, tx) => {
    if (message.data.text === "poison") throw new PermanentError("it will never do");
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([refusing])]);
  await ledger.commit([
    ...range(1, 10).map((n) => ({ n })),
    { n: 11, text: "poison" },
    ...range(12, 20).map((n) => ({ n })),
  ]);
  await ledger.differsBy({ ...balanced, lost: [11] });
  expect((await run.jsm.streams.info("users_stream")).state.messages).toBe(1);
  expect((await statuses(run.auth, "event_outbox")).dead).toBeUndefined();
  await users.query({ text: "alter table event_inbox drop constraint only_processed" });
  await until(async () => (await statuses(run.auth, "event_outbox")).dead === 1, { what: "the publisher is told" });
  expect(await statuses(run.users, "event_inbox")).toEqual({ dead: 1, processed: 19 });
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [11] });
});

test("a stored event that dies while its dead letter cannot be written is kept, told to nobody, and dead once it can be", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const calls = new Map<number, number>();
  const refusing = handle(noted, async (message, tx) => {
    const { n, text } = message.data;
    calls.set(n, (calls.get(n) ?? 0) + 1);
    if (text === "poison") throw message.attempt === 1 ? new Error("not now") : new PermanentError("it will never do");
    if (text === "moody" && message.attempt === 1) throw new Error("not now");
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([refusing])]);
  const mend = await breakInbox(users, "status <> 'dead'");
  await ledger.commit([{ n: 1, text: "poison" }]);
  await until(async () => (await statuses(run.auth, "event_outbox")).received === 1, { what: "it is kept for later" });
  const before = calls.get(1) ?? 0;
  await timeHasCome(users);
  await until(() => (calls.get(1) ?? 0) > before, { what: "the retry has run" });
  await anotherRetryGoesWell(run, { n: 2, text: "moody" });
  expect(await statuses(run.auth, "event_outbox")).toEqual({ processed: 1, received: 1 });
  expect(await statuses(users, "event_inbox")).toEqual({ failed: 1, processed: 1 });
  await mend();
  await timeHasCome(users);
  await until(async () => (await statuses(run.auth, "event_outbox")).dead === 1, { what: "the publisher is told" });
  const { rows } = await run.auth.query({ text: "select error_message from event_outbox where status = 'dead'" });
  expect(rows).toEqual([{ error_message: expect.stringContaining("it will never do") }]);
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [1] });
});

test("a retry whose end cannot be written, good or bad, takes no effect and keeps its key waiting until it can", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const calls = new Map<number, number>();
  const work = async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
    const { n } = message.data;
    calls.set(n, (calls.get(n) ?? 0) + 1);
    await writeEffect(message, tx);
    if ((n === 1 || n === 4) && message.attempt === 1) throw new Error("not now");
  };
  await Promise.all([run.startPublisher(), run.startWorker([handle(noted, work), handle(keyed, work)])]);
  const mend = await breakInbox(users, "key is null or (status <> 'processed' and attempts < 2)");
  await ledger.commit(range(1, 3).map((n) => ({ event: keyed, key: "a", n })));
  await until(async () => (await statuses(run.auth, "event_outbox")).received === 3, {
    what: "they are kept for later",
  });
  const before = calls.get(1) ?? 0;
  await timeHasCome(users);
  await until(() => (calls.get(1) ?? 0) > before, { what: "the retry has run" });
  await anotherRetryGoesWell(run, { n: 4 });
  expect(await statuses(run.auth, "event_outbox")).toEqual({ processed: 1, received: 3 });
  expect(await statuses(users, "event_inbox")).toEqual({ failed: 1, parked: 2, processed: 1 });
  expect(await ledger.imbalance()).toEqual({ ...balanced, lost: [1, 2, 3] });
  await mend();
  await timeHasCome(users);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  const { rows } = await users.query({ text: "select n from effect where key = 'a' order by position" });
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test("a worker whose batches cannot commit is not ready on its probe, and ready again once they can", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const [, worker] = await Promise.all([run.startPublisher(), run.startWorker()]);
  const says = (word: string) =>
    until(
      async () => {
        const { checks } = JSON.parse(await (await fetch(`${worker.metrics}/health/ready`)).text());
        return checks["mailbox:users"].includes(word);
      },
      { what: `its probe says '${word}' of the mailbox` },
    );
  await says("ok");
  const mend = await breakInbox(users, "false");
  await ledger.commit([{ n: 1 }]);
  await says("batches fail");
  await mend();
  await ledger.settled();
  await says("ok");
  expect(await ledger.imbalance()).toEqual(balanced);
});
