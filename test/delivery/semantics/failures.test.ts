import { expect, test } from "@jest/globals";
import { type HandlerTransaction, handle, handleMany, type Message, PermanentError } from "postbox";
import type { IsolationLevel } from "../../../libs/postbox/delivery/inbox/execution/batch-attempt.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

type Note = Message<{ n: number; text?: string }>;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => ({ n: index + 1 }));
const except = (count: number, ...left: number[]) =>
  numbers(count)
    .map(({ n }) => n)
    .filter((n) => !left.includes(n));

/** Writes its effect first, so that a roll back that does not happen shows, and then fails for these numbers. */
const failingFor =
  (...failing: number[]) =>
  async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    if (failing.includes(message.data.n)) throw new Error(`no ${message.data.n}`);
  };

test.each<IsolationLevel>(["batch", "group", "event"])(
  "run %s, failing events leave nothing and the others of their batch commit",
  async (isolation) => {
    const at = await manualDelivery();
    const failing = isolation === "event" ? [1] : [3, 40, 41, 77];
    const count = isolation === "event" ? 1 : 90;
    await at.commit(numbers(count));
    await at.carry(at.worker([handle(noted, failingFor(...failing))]), isolation);

    expect(await at.effects()).toEqual(except(count, ...failing));
    expect(await at.inboxStatuses()).toEqual({
      failed: failing.length,
      ...(count > failing.length && { processed: count - failing.length }),
    });
    expect((await at.outboxStatuses()).received).toBe(failing.length);
  },
);

test("a failed event is run again from the table, and is processed when its handler has recovered", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(3));
  await at.carry(at.worker([handle(noted, failingFor(2))]));
  const { rows } = await at.users.query({
    text: "select attempts, error_message, next_attempt_at > received_at as later from event_inbox where status = 'failed'",
  });
  expect(rows).toEqual([{ attempts: 1, error_message: expect.stringMatching(/^Error: no 2\n/), later: true }]);

  const seen: number[] = [];
  await at.runDue(
    at.worker([
      handle(noted, async (message, tx) => {
        seen.push(message.attempt);
        await writeEffect(message, tx);
      }),
    ]),
  );
  expect(seen).toEqual([2]);
  expect(await at.effects()).toEqual([1, 3, 2]);
  expect(await at.outboxStatuses()).toEqual({ processed: 3 });
});

test("after its last attempt an event is dead, and its publisher knows why", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const worker = at.worker([handle(noted, failingFor(1), { maxAttempts: 3 })]);
  await at.carry(worker);
  await at.runDue(worker);

  expect(await at.inboxStatuses()).toEqual({ dead: 1 });
  const { rows } = await at.auth.query({ text: "select status, attempts, error_message from event_outbox" });
  expect(rows).toEqual([{ status: "dead", attempts: 3, error_message: "Error: no 1" }]);
  expect(await at.effects()).toEqual([]);
});

test("a permanent error makes an event dead at once", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }, { n: 2 }]);
  const refuse = async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    if (message.data.n === 1) throw new PermanentError("such a note is never taken");
  };
  await at.carry(at.worker([handle(noted, refuse)]));

  const { rows } = await at.auth.query({
    text: "select status, attempts, error_message from event_outbox order by position",
  });
  expect(rows).toEqual([
    { status: "dead", attempts: 1, error_message: "PermanentError: such a note is never taken" },
    { status: "processed", attempts: 0, error_message: null },
  ]);
  expect(await at.effects()).toEqual([2]);
});

test("a handler that swallows a database error is blamed, not the neighbours that its error breaks", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(30));
  const swallow = async (message: Note, tx: HandlerTransaction) => {
    if (message.data.n === 7) await tx.query({ text: "select 1 / 0" }).catch(() => undefined);
    else await writeEffect(message, tx);
  };
  await at.carry(at.worker([handle(noted, swallow)]));

  expect(await at.effects()).toEqual(except(30, 7));
  const { rows } = await at.users.query({ text: "select error_message from event_inbox where status = 'failed'" });
  expect(rows).toEqual([
    { error_message: expect.stringContaining("A database error was caught and not thrown again") },
  ]);
});

test("an error that shows only at COMMIT fails its own event alone", async () => {
  const at = await manualDelivery();
  await at.users.query({ text: "create table pair (n integer, other integer)" });
  await at.users.query({ text: "alter table pair add unique (n)" });
  await at.users.query({
    text: "alter table pair add foreign key (other) references pair (n) deferrable initially deferred",
  });
  await at.commit(numbers(10));
  const insert = async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    const { n } = message.data;
    await tx.query({ text: "insert into pair values ($1, $2)", values: [n, n === 4 ? 99 : n] });
  };
  await at.carry(at.worker([handle(noted, insert)]));

  expect(await at.effects()).toEqual(except(10, 4));
  const { rows } = await at.users.query({ text: "select error_message from event_inbox where status = 'failed'" });
  expect(rows).toEqual([{ error_message: expect.stringContaining("foreign key constraint") }]);
});

test("one bad event of a set fails alone, and the rest of the set takes effect", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(60));
  const sizes: number[] = [];
  const insertAll = async (messages: readonly Note[], tx: HandlerTransaction) => {
    sizes.push(messages.length);
    await tx.query({
      text: "insert into effect (event_id, n) select * from unnest($1::uuid[], $2::int[])",
      values: [messages.map(({ id }) => id), messages.map(({ data }) => data.n)],
    });
    if (messages.some(({ data }) => data.n === 30)) throw new Error("not 30");
  };
  await at.carry(at.worker([handleMany(noted, insertAll)]));

  expect(sizes[0]).toBe(60);
  expect((await at.effects()).toSorted((a, b) => a - b)).toEqual(except(60, 30));
  expect(await at.inboxStatuses()).toEqual({ failed: 1, processed: 59 });
});

test("a conflict with another transaction is tried again and costs the event no attempt", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(5));
  let conflicts = 2;
  const conflict = async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    if (message.data.n === 3 && conflicts-- > 0)
      await tx.query({ text: "do $$ begin raise exception 'raced' using errcode = '40001'; end $$" });
  };
  await at.carry(at.worker([handle(noted, conflict)]));

  expect(await at.effects()).toEqual([1, 2, 3, 4, 5]);
  expect(await at.outboxStatuses()).toEqual({ processed: 5 });
});

test("a conflict that never ends is a failure of its event after five tries", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(5));
  const conflict = async (message: Note, tx: HandlerTransaction) => {
    if (message.data.n === 3)
      await tx.query({ text: "do $$ begin raise exception 'raced' using errcode = '40001'; end $$" });
    await writeEffect(message, tx);
  };
  await at.carry(at.worker([handle(noted, conflict)]));

  expect(await at.effects()).toEqual([1, 2, 4, 5]);
  expect(await at.inboxStatuses()).toEqual({ failed: 1, processed: 4 });
});

test("a handler that overruns its time costs its connection, and what it still does is not written", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(4));
  const late = Promise.withResolvers<unknown>();
  const aborted = Promise.withResolvers<unknown>();
  const overrun = async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    if (message.data.n !== 2) return;
    tx.signal.addEventListener("abort", () => {
      aborted.resolve(tx.signal.reason);
      late.resolve(tx.query({ text: "insert into effect (n) values (-1)" }).catch((error: unknown) => error));
    });
    await late.promise;
  };
  await at.carry(at.worker([handle(noted, overrun, { timeoutMs: 1_500 })]));

  expect(await aborted.promise).toMatchObject({ name: "HandlerTimeout" });
  expect(await late.promise).toMatchObject({ type: "transaction-over" });
  expect((await at.effects()).filter((n) => n === 2 || n === -1)).toEqual([]);
  const { rows } = await at.users.query({ text: "select error_message from event_inbox where attempts > 0" });
  expect(rows).toEqual([{ error_message: "HandlerTimeout: The handler of 'auth.note' took longer than 1500 ms." }]);

  await at.runDue(at.worker([handle(noted, writeEffect)]));
  expect((await at.effects()).toSorted()).toEqual([1, 2, 3, 4]);
  expect(await at.outboxStatuses()).toEqual({ processed: 4 });
});

test("a handler that goes on after its end is refused the transaction and the outbox", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  let kept: HandlerTransaction | undefined;
  await at.carry(
    at.worker([
      handle(noted, async (_message, tx) => {
        kept = tx;
      }),
    ]),
  );
  await expect(kept?.query({ text: "select 1" })).rejects.toMatchObject({ type: "transaction-over" });
  expect(() => kept?.enqueue(noted, { n: 2 })).toThrow("went on after its end");
});

test("an error text that Postgres cannot hold is stored without what it cannot hold", async () => {
  const at = await manualDelivery();
  await at.commit(numbers(3));
  const fail = async (message: Note, tx: HandlerTransaction) => {
    if (message.data.n === 2) throw new Error("a\0b");
    await writeEffect(message, tx);
  };
  await at.carry(at.worker([handle(noted, fail)]));
  const { rows } = await at.users.query({ text: "select error_message from event_inbox where status = 'failed'" });
  expect(rows).toEqual([{ error_message: expect.stringMatching(/^Error: ab\n/) }]);
});

test("an outcome that the inbox refuses is never acknowledged, and the rest of its batch takes effect", async () => {
  const at = await manualDelivery();
  await at.users.query({ text: "alter table event_inbox add constraint no_failures check (status = 'processed')" });
  await at.commit(numbers(5));
  const worker = at.worker([
    handle(noted, async (message, tx) => {
      if (message.data.n === 3) throw new PermanentError("never");
      await writeEffect(message, tx);
    }),
  ]);
  const packs = await at.publish();
  await expect(at.deliver(worker, packs)).rejects.toThrow("no_failures");
  expect(await at.effects()).toEqual([1, 2, 4, 5]);

  await at.users.query({ text: "alter table event_inbox drop constraint no_failures" });
  await at.acknowledge(await at.deliver(worker, packs));
  expect(await at.effects()).toEqual([1, 2, 4, 5]);
  expect(await at.outboxStatuses()).toEqual({ dead: 1, processed: 4 });
});

test("behind a failure the later events of its key wait, and those of other keys do not", async () => {
  const at = await manualDelivery();
  const event = keyed;
  await at.commit([1, 2, 3, 4].flatMap((n) => ["a", "b"].map((key) => ({ event, key, n }))));
  const fail = async (message: Note, tx: HandlerTransaction) => {
    await writeEffect(message, tx);
    if (message.key === "a" && message.data.n === 2) throw new Error("not yet");
  };
  await at.carry(at.worker([handle(keyed, fail)]));
  expect(await at.effects("a")).toEqual([1]);
  expect(await at.effects("b")).toEqual([1, 2, 3, 4]);
  expect(await at.inboxStatuses()).toEqual({ failed: 1, parked: 2, processed: 5 });

  await at.runDue(at.worker([handle(keyed, writeEffect)]));
  expect(await at.effects("a")).toEqual([1, 2, 3, 4]);
  expect(await at.outboxStatuses()).toEqual({ processed: 8 });
});
