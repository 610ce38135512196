import { expect, test } from "@jest/globals";
import { setup, statuses } from "postbox/testing";
import { Ledger, range } from "../../../../test/delivery/ledger.ts";
import { claimPending } from "./claim-pending.ts";
import { markPublished } from "./mark-published.ts";
import { publishedTargets } from "./published-targets.ts";
import { resendLost } from "./resend-lost.ts";

test("an event that was published after the stream was inspected is not taken for lost", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  const ledger = await Ledger.open(stack);
  await ledger.commit(range(1, 3).map((n) => ({ n })));
  const inspectedAt = await auth.transaction(async (tx) => {
    const { rows } = await claimPending(tx, 10, []);
    // The scheduler asks where the stream ends; then the relay publishes and marks.
    const { now } = await auth.detached(() => publishedTargets(auth));
    await markPublished(
      tx,
      rows.map(({ id, send_number }, index) => ({ id, sendNumber: send_number, streamSequence: 11 + index })),
    );
    return now;
  });
  const position = { ackFloor: 10, lastSequence: 10 };
  expect(await resendLost(auth, "users", { ...position, at: inspectedAt }, undefined)).toBe(0);
  const { now } = await publishedTargets(auth);
  expect(await resendLost(auth, "users", { ...position, at: now }, undefined)).toBe(3);
  expect(await statuses(auth, "event_outbox")).toEqual({ pending: 3 });
});
