import { expect, test } from "@jest/globals";
import { type HandlerTransaction, handle, type Message, PermanentError } from "postbox";
import { listDeadLetters } from "../../../libs/postbox/delivery/operations/list-dead-letters.ts";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { showPublished } from "../../../libs/postbox/delivery/operations/show-published.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const ofKey = (key: string, ...numbers: number[]) => numbers.map((n) => ({ event: keyed, key, n }));
const works = (at: ManualDelivery) => at.worker([handle(noted, writeEffect), handle(keyed, writeEffect)]);
/** Gives up on these numbers. */
const refusing = (at: ManualDelivery, ...refused: number[]) =>
  at.worker(
    [noted, keyed].map((event) =>
      handle(event, async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
        await writeEffect(message, tx);
        if (refused.includes(message.data.n)) throw new PermanentError(`never ${message.data.n}`);
      }),
    ),
  );
const audit = async (at: ManualDelivery) =>
  (await at.auth.query({ text: "select actor, action, subject from operator_action order by subject" })).rows;

test("a dead event blocks its own key alone, and a replay lets the key go on in its order", async () => {
  const at = await manualDelivery();
  await at.commit([...ofKey("a", 1, 2, 3, 4), ...ofKey("b", 5, 6)]);
  await at.carry(refusing(at, 2));
  await at.commit([...ofKey("a", 7), ...ofKey("b", 8)]);
  await at.carry(works(at));
  expect(await at.effects("a")).toEqual([1]);
  expect(await at.effects("b")).toEqual([5, 6, 8]);
  expect(await at.inboxStatuses()).toEqual({ dead: 1, parked: 3, processed: 4 });

  const [id] = await resolveDeadLetters(at.auth, "replay", { key: "a" }, "ada");
  await at.carry(works(at));
  await at.runDue(works(at));
  expect(await at.effects("a")).toEqual([1, 2, 3, 4, 7]);
  expect(await at.outboxStatuses()).toEqual({ processed: 8 });
  expect(await audit(at)).toEqual([{ actor: "ada", action: "replay", subject: id }]);
});

test("a skipped event lets its key go on without it", async () => {
  const at = await manualDelivery();
  await at.commit(ofKey("a", 1, 2, 3, 4));
  await at.carry(refusing(at, 2));
  const [id] = await resolveDeadLetters(at.auth, "skip", {}, "ada");
  await at.carry(works(at));
  await at.runDue(works(at));
  expect(await at.effects("a")).toEqual([1, 3, 4]);
  expect(await at.outboxStatuses()).toEqual({ processed: 3, skipped: 1 });
  expect(await audit(at)).toEqual([{ actor: "ada", action: "skip", subject: id }]);
});

test("a tombstone carries no payload, so that what is too large for the broker can be skipped", async () => {
  const at = await manualDelivery();
  await at.commit(ofKey("a", 1).map((event) => ({ ...event, text: "x".repeat(100_000) })));
  await at.commit(ofKey("a", 2));
  const [original] = await at.publish();
  await at.auth.query({ text: "update event_outbox set status = 'dead' where sequence = 1" });
  await resolveDeadLetters(at.auth, "skip", {}, "ada");
  const tombstone = await at.publish();
  expect(tombstone[0]?.body.length).toBeLessThan(1_000);
  await at.acknowledge(await at.deliver(works(at), tombstone));
  expect(await at.outboxStatuses()).toEqual({ published: 1, skipped: 1 });
  // The copy with the payload comes late: it is what was skipped, not another payload under its id.
  const answers = await at.deliver(works(at), original === undefined ? [] : [original]);
  expect(
    answers
      .get("auth")
      ?.map(({ status }) => status)
      .toSorted(),
  ).toEqual(["processed", "skipped"]);
  expect(await at.effects("a")).toEqual([2]);
});

test("a dead letter that is replayed with another payload is dead again and says why, and the first payload still works", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(refusing(at, 1));
  const replay = async (n: number) => {
    await at.auth.query({ text: "update event_outbox set data = json_build_object('n', $1::int)", values: [n] });
    await resolveDeadLetters(at.auth, "replay", {}, "ada");
    await at.carry(works(at));
  };
  await replay(2);
  expect(await at.outboxStatuses()).toEqual({ dead: 1 });
  const [letter] = await listDeadLetters(at.auth);
  expect(letter?.error_message).toContain("Its id is known here with another payload, which is 'dead'");
  await replay(1);
  await at.runDue(works(at));
  expect(await at.effects()).toEqual([1]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1 });
});

test("another payload under the id and generation of an event is answered nothing, whatever became of that one", async () => {
  const at = await manualDelivery();
  for (const worker of [works(at), refusing(at, 2)]) {
    await at.commit([{ n: 1 }, { n: 2 }]);
    const packs = await at.publish();
    await at.deliver(worker, packs);
    const others = packs.map((pack) => ({ ...pack, body: pack.body.replaceAll('{"n":', '{"n":1') }));
    expect([...(await at.deliver(works(at), others))]).toEqual([]);
  }
});

test("tombstones that arrive in any order let the key go on", async () => {
  const at = await manualDelivery();
  await at.commit(ofKey("a", 1, 2, 3, 4, 5));
  await at.publish();
  await at.auth.query({ text: "update event_outbox set status = 'dead' where sequence < 5" });
  await resolveDeadLetters(at.auth, "skip", {}, "ada");
  const [pack] = await at.publish();
  const worker = works(at);
  const envelopes: unknown[] = JSON.parse(pack?.body ?? "[]");
  for (const envelope of envelopes.toReversed())
    await at.deliver(worker, [{ ...pack, body: JSON.stringify([envelope]) } as NonNullable<typeof pack>]);
  await at.auth.query({ text: "update event_outbox set status = 'pending' where sequence = 5" });
  await at.carry(worker);
  expect(await at.effects("a")).toEqual([5]);
});

test("an event behind its key's cursor is dead, and can be replayed out of its turn or skipped", async () => {
  const at = await manualDelivery();
  await at.commit(ofKey("a", 1, 2));
  await at.carry(works(at));
  // The publisher's database is restored from an older copy: its numbers begin anew.
  await at.auth.query({ text: "truncate event_outbox, outbox_mailbox" });
  await at.commit(ofKey("a", 11, 12));
  await at.carry(works(at));
  expect(await at.outboxStatuses()).toEqual({ dead: 2 });
  const [first, second] = await listDeadLetters(at.auth);
  expect(first?.error_message).toContain("the numbering of 'auth' went backwards. Replay it");

  await resolveDeadLetters(at.auth, "replay", { ids: [`${first?.id}`] }, "ada");
  await resolveDeadLetters(at.auth, "skip", { ids: [`${second?.id}`] }, "ada");
  await at.carry(works(at));
  await at.runDue(works(at));
  expect(await at.effects("a")).toEqual([1, 2, 11]);
  expect(await at.outboxStatuses()).toEqual({ processed: 1, skipped: 1 });
  await at.commit(ofKey("a", 13));
  await at.carry(works(at));
  expect(await at.effects("a")).toEqual([1, 2, 11, 13]);
});

/** Events of one key whose numbers begin anew in the middle: the publisher's database was restored. */
async function renumbered(at: ManualDelivery, before: readonly number[], after: readonly number[]) {
  await at.commit(ofKey("a", ...before));
  const packs = await at.publish();
  await at.auth.query({ text: "truncate event_outbox, outbox_mailbox" });
  await at.commit(ofKey("a", ...after));
  return { before: packs, after: await at.publish() };
}

test("of two events with one number that come in one batch the second is dead, and what follows goes on", async () => {
  const at = await manualDelivery();
  const { before, after } = await renumbered(at, [1], [11, 12]);
  await at.acknowledge(await at.deliver(works(at), [...before, ...after]));
  expect(await at.effects("a")).toEqual([1, 12]);
  expect(await at.inboxStatuses()).toEqual({ dead: 1, processed: 2 });
  expect(await at.outboxStatuses()).toEqual({ dead: 1, processed: 1 });
});

test("of two events with one number that wait for their turn the second is dead, whoever brings the turn", async () => {
  const failing = (at: ManualDelivery, error: Error) =>
    at.worker([
      handle(keyed, async (message: Message<{ n: number }>, tx: HandlerTransaction) => {
        if (message.data.n === 1) throw error;
        await writeEffect(message, tx);
      }),
    ]);
  for (const brings of ["an arrival", "a retry", "a retry after a crash"]) {
    const at = await manualDelivery();
    const { before, after } = await renumbered(at, [1, 2], [11, 12, 13]);
    const late = after.map((pack) => ({ ...pack, body: JSON.stringify(JSON.parse(pack.body).slice(1)) }));
    if (brings.startsWith("a retry")) {
      for (const packs of [before, late]) await at.deliver(failing(at, new Error("not now")), packs);
      expect(await at.inboxStatuses()).toEqual({ failed: 1, parked: 3 });
      // What it holds up is taken up one by one.
      if (brings.endsWith("crash"))
        await at.users.query({ text: "update event_inbox set crashes = 1 where status = 'failed'" });
      await at.runDue(works(at));
    } else {
      const [first, second] = [0, 1].map((index) =>
        before.map((pack) => ({ ...pack, body: JSON.stringify([JSON.parse(pack.body)[index]]) })),
      );
      await at.deliver(works(at), [...(second ?? []), ...late]);
      expect(await at.inboxStatuses()).toEqual({ parked: 3 });
      await at.deliver(works(at), first ?? []);
    }
    await at.runDue(works(at));
    expect(await at.effects("a")).toEqual([1, 2, 13]);
    expect(await at.inboxStatuses()).toEqual({ dead: 1, processed: 3 });
  }
});

test("two bulk replays at once send each event once, and those that fail again are dead again", async () => {
  const at = await manualDelivery();
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  await at.commit(numbers.map((n) => ({ n })));
  await at.carry(refusing(at, ...numbers));
  const moved = await Promise.all(["ada", "bob"].map((actor) => resolveDeadLetters(at.auth, "replay", {}, actor)));
  expect(new Set(moved.flat()).size).toBe(60);
  expect(moved.flat()).toHaveLength(60);
  expect(await audit(at)).toHaveLength(60);

  const worker = refusing(at, 7);
  await at.carry(worker);
  await at.runDue(worker);
  expect(await at.outboxStatuses()).toEqual({ dead: 1, processed: 59 });
  const { rows } = await at.auth.query({ text: "select distinct generation from event_outbox" });
  expect(rows).toEqual([{ generation: 1 }]);
});

test("dead letters are listed, shown and chosen by type, target, key and id", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }, ...ofKey("a", 2), ...ofKey("b", 3)]);
  await at.carry(refusing(at, 1, 2, 3));
  const list = async (filter: object) =>
    (await listDeadLetters(at.auth, filter)).map(({ error_message }) => error_message);
  expect(await list({})).toEqual([1, 2, 3].map((n) => `PermanentError: never ${n}`));
  expect(await list({ eventType: "auth.keyed" })).toHaveLength(2);
  expect(await list({ key: "b" })).toEqual(["PermanentError: never 3"]);
  expect(await list({ target: "emails" })).toEqual([]);

  const [letter] = await listDeadLetters(at.auth, { key: "a" });
  const id = `${letter?.id}`;
  expect(await showPublished(at.auth, id)).toMatchObject({ id, status: "dead", data: { n: 2 }, key: "a", attempts: 1 });
  expect(await resolveDeadLetters(at.auth, "replay", { ids: [id] }, "ada")).toEqual([id]);
  expect(await at.outboxStatuses()).toEqual({ dead: 2, pending: 1 });
});

test("what is not there or not dead cannot be resolved", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const { rows } = await at.auth.query<{ id: string }>({ text: "select id from event_outbox" });
  const ids = rows.map(({ id }) => id);
  const nowhere = "01975a2e-0000-7000-8000-000000000001";
  await expect(showPublished(at.auth, nowhere)).rejects.toMatchObject({ type: "event-not-found" });
  await expect(resolveDeadLetters(at.auth, "skip", { ids: [nowhere] }, "ada")).rejects.toMatchObject({
    type: "event-not-found",
  });
  await expect(resolveDeadLetters(at.auth, "replay", { ids }, "ada")).rejects.toMatchObject({
    type: "event-state",
    message: expect.stringContaining("is 'pending'; only a dead one"),
  });
  expect(await audit(at)).toEqual([]);
});
