import { expect, test } from "@jest/globals";
import { defineEvent, handle, PermanentError, service } from "postbox";
import { mailbox, store } from "postbox/mixins";
import { setup } from "postbox/testing";
import { waitUntilHandled } from "../../../libs/postbox/delivery/operations/wait-until-handled.ts";
import { shareRuntime } from "../../../libs/postbox/node/runtime/shared-runtime.ts";
import { keyed, Note, noted, writeEffect } from "../example-events.ts";
import { publisherAndSubscriber } from "../publisher-and-subscriber.ts";
import { manualDelivery } from "./manual-delivery.ts";

const toAuth = defineEvent({ service: "users", name: "down", version: 1, targets: ["auth"], schema: Note });
const toUsers = defineEvent({ service: "auth", name: "up", version: 1, targets: ["users"], schema: Note });

test("settle waits for what was caused, to any depth, over both services", async () => {
  await using stack = await setup();
  const heard: string[] = [];
  const down = handle(noted, async ({ data }, tx) => tx.enqueue(toAuth, data));
  const bounce = handle(toUsers, async ({ data: { n } }, tx) => {
    heard.push(`users ${n}`);
    tx.enqueue(toAuth, { n });
  });
  const further = handle(toAuth, async ({ data: { n } }, tx) => {
    heard.push(`auth ${n}`);
    if (n > 1) tx.enqueue(toUsers, { n: n - 1 });
  });
  const { broker } = await stack.startServices([
    service({ name: "auth", mixins: [store("auth", () => ({})), mailbox("auth", () => ({}), [further])] }),
    service({ name: "users.worker", mixins: [mailbox("users", () => ({}), [down, bounce])] }),
  ]);
  const { runtime, release } = shareRuntime(broker, "auth", () => ({}));
  await runtime.outbox.transaction(async (tx) => tx.enqueue(noted, { n: 5 }));
  await release();

  await waitUntilHandled({ auth: stack.database("auth"), users: stack.database("users") }, { deadlineMs: 20_000 });
  expect(heard).toEqual(["auth 5", ...[4, 3, 2, 1].flatMap((n) => [`users ${n}`, `auth ${n}`])]);
});

test("settle waits for a retry that is due later, if it is told to", async () => {
  let failed = false;
  await using run = await publisherAndSubscriber([
    handle(noted, async (message, tx) => {
      if (!failed) {
        failed = true;
        throw new Error("not yet");
      }
      await writeEffect(message, tx);
    }),
  ]);
  await run.publish([{ n: 1 }]);
  await waitUntilHandled({ auth: run.auth, users: run.users }, { retries: true });
  expect(await run.effects()).toEqual([1]);
});

test("settle ends at the first failure, with the line of the handler that failed", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const refuse = handle(noted, async () => {
    throw new Error("not yet");
  });
  await at.carry(at.worker([refuse]));
  const failure = waitUntilHandled({ auth: at.auth, users: at.users }, { deadlineMs: 600_000 });
  await expect(failure).rejects.toMatchObject({
    type: "not-settled",
    message: expect.stringMatching(
      /^Event [0-9a-f-]{36} \(auth\.note\) has failed: it is 'failed' in the inbox of users \(Error: not yet\)\. Settle with \{ retries: true \} to wait for its retries\.\n {4}at .*test\/delivery\/semantics\/settle\.test\.ts:\d+/,
    ),
  });
});

test("settle names a dead event, its state and its reason at once", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const refuse = handle(noted, async () => {
    throw new PermanentError("never");
  });
  await at.carry(at.worker([refuse]));
  const failure = waitUntilHandled({ auth: at.auth, users: at.users }, { deadlineMs: 600_000 });
  await expect(failure).rejects.toMatchObject({
    type: "not-settled",
    message: expect.stringMatching(
      /^Event [0-9a-f-]{36} \(auth\.note\) cannot settle by itself: it is 'dead' in the outbox of auth \(PermanentError: never\)\.\n {4}at .*settle\.test\.ts:\d+/,
    ),
  });
});

test("settle names an event that is held for a later release at once", async () => {
  const at = await manualDelivery();
  await at.commit([{ event: keyed, key: "a", n: 1 }]);
  await at.carry(at.worker([handle(noted, writeEffect)]));
  const failure = waitUntilHandled({ users: at.users, auth: at.auth }, { deadlineMs: 600_000 });
  await expect(failure).rejects.toThrow("(auth.keyed) cannot settle by itself: it is 'held' in the inbox of users.");
});

test("settle names what is still open when its time is over", async () => {
  const at = await manualDelivery();
  await at.commit([{ n: 1 }]);
  const settled = () => waitUntilHandled({ auth: at.auth, users: at.users }, { deadlineMs: 30 });
  await expect(settled()).rejects.toThrow(
    "is still open after 30 ms: it is 'pending' in the outbox of auth (for users).",
  );
  await at.publish();
  await expect(settled()).rejects.toThrow("it is 'published' in the outbox of auth (for users).");
});

test("settle is content with services that have nothing to do", async () => {
  const at = await manualDelivery();
  await waitUntilHandled({ auth: at.auth, users: at.users });
});
