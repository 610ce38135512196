import { expect, test } from "@jest/globals";
import { nanos } from "nats";
import { type HandlerTransaction, handle, type Message, PermanentError } from "postbox";
import { setup } from "postbox/testing";
import { resolveDeadLetters } from "../../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { deleteOld } from "../../../libs/postbox/delivery/retention/delete-old.ts";
import { firstIdAt } from "../../../libs/postbox/delivery/retention/first-id-at.ts";
import { connectNats } from "../../../libs/postbox/nats/connection/connect.ts";
import { mailboxOf } from "../../../libs/postbox/nats/mailbox/mailbox-definition.ts";
import { oldestMessage } from "../../../libs/postbox/nats/mailbox/oldest-message.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";
import { type ManualDelivery, manualDelivery } from "./manual-delivery.ts";

const dayMs = 86_400_000;
const days = (count: number) => new Date(Date.now() - count * dayMs);
const { signal } = new AbortController();
const works = (at: ManualDelivery) => at.worker([handle(noted, writeEffect), handle(keyed, writeEffect)]);
const retain = (at: ManualDelivery, asOf?: Date) =>
  deleteOld(at.users, { table: "event_inbox", days: 14, asOf }, signal);

/** All rows of the inbox are as if they were enqueued twenty days ago and handled fifteen days ago. */
async function age(at: ManualDelivery): Promise<void> {
  await at.users.query({
    text: `update event_inbox set processed_at = now() - interval '15 days',
      id = overlay(id::text placing left($1, 13) from 1 for 13)::uuid`,
    values: [firstIdAt(days(20).getTime())],
  });
}

test("a skipped event stays until its key has passed it, however old it is", async () => {
  const at = await manualDelivery();
  const refusing = at.worker([
    handle(keyed, async ({ data }: Message<{ n: number }>, _tx: HandlerTransaction) => {
      if (data.n === 1) throw new PermanentError("never");
    }),
  ]);
  await at.commit([1, 2, 3].map((n) => ({ event: keyed, key: "a", n })));
  await at.carry(refusing);
  await at.auth.query({ text: "update event_outbox set status = 'dead' where sequence = 2" });
  const { rows } = await at.auth.query<{ id: string }>({ text: "select id from event_outbox order by sequence" });
  const [first = "", second = ""] = rows.map(({ id }) => id);
  await resolveDeadLetters(at.auth, "skip", { ids: [second] }, "ada");
  await at.carry(works(at));
  expect(await at.inboxStatuses()).toEqual({ dead: 1, parked: 1, skipped: 1 });
  await at.users.query({
    text: "update event_inbox set processed_at = now() - interval '15 days', id = $1 where status = 'skipped'",
    values: [firstIdAt(days(15).getTime())],
  });
  expect(await retain(at)).toBe(0);

  await resolveDeadLetters(at.auth, "skip", { ids: [first] }, "ada");
  await at.carry(works(at));
  await at.runDue(works(at));
  expect(await at.effects("a")).toEqual([3]);
  await age(at);
  expect(await retain(at)).toBe(3);
});

test("what was handled stays as long as an older message waits in the mailbox, which may name it", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  await at.carry(works(at));
  await age(at);
  expect(await retain(at, days(2))).toBe(0);
  expect(await retain(at, days(0.5))).toBe(1);
});

test("the age of a mailbox is that of the oldest message in it", async () => {
  await using stack = await setup();
  const nats = await connectNats(stack.config, "test");
  const users = mailboxOf("users");
  expect(await oldestMessage(nats, users)).toBeUndefined();
  const jsm = await nats.jetstreamManager();
  await jsm.streams.add({ ...users.stream, duplicate_window: nanos(1_000) });
  expect(await oldestMessage(nats, users)).toBeUndefined();
  for (const body of ["1", "2"]) await nats.jetstream().publish("users.auth.note", body);
  const { time } = await jsm.streams.getMessage(users.stream.name, { seq: 1 });
  expect(await oldestMessage(nats, users)).toEqual(time);
  await jsm.streams.deleteMessage(users.stream.name, 1);
  const { time: second } = await jsm.streams.getMessage(users.stream.name, { seq: 2 });
  expect(await oldestMessage(nats, users)).toEqual(second);
  await nats.close();
});
