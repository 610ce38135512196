import { test } from "@jest/globals";
import fc from "fast-check";
import { resolveDeadLetters } from "../../../libs/operations/dead-letters.ts";
import { resendLost } from "../../../libs/outbox/resend.ts";
import { type Desk, desk } from "./desk.ts";
import { Observer } from "./observer.ts";
import { Wire } from "./wire.ts";

const keys = [null, "a", "b", "c"] as const;
const key = fc.constantFrom(...keys);
/** Chooses some of what is there, by remainders of their places. */
const choice = fc.record({ of: fc.integer({ min: 1, max: 3 }), rest: fc.integer({ min: 0, max: 2 }) });
/** Which numbers fail now, and whether for good. */
const trouble = fc.record({ of: fc.integer({ min: 2, max: 5 }), permanent: fc.boolean() });

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("commit"), keys: fc.array(key, { minLength: 1, maxLength: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("roll back"), keys: fc.array(key, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("publish"), mark: fc.boolean() }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("deliver"),
      choice,
      trouble,
      care: fc.constantFrom("whole", "grouped", "alone"),
      acknowledged: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("run due"), trouble }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash while due ones run") }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("receive acks"), choice }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose acks") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resend") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resolve"), verb: fc.constantFrom("replay", "skip") }) },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** All that is published and unacknowledged is taken for lost. */
const resend = (at: Desk) =>
  resendLost(at.auth, "users", { ackFloor: 0, lastSequence: 0, at: new Date(Date.now() + 60_000) }, undefined);

async function take(at: Desk, wire: Wire, one: Step): Promise<void> {
  if ("mark" in one) return wire.publish(one.mark);
  if ("care" in one) return wire.deliver(one);
  if ("choice" in one) return wire.receiveAcks(one.choice);
  if ("trouble" in one) return wire.runDue(one.trouble);
  if ("verb" in one) return void (await resolveDeadLetters(at.auth, one.verb as "replay" | "skip", {}, "model"));
  if ("keys" in one) return wire.commit(one.keys, one.do === "commit");
  if (one.do === "resend") return void (await resend(at));
  if (one.do === "lose acks") return wire.loseAcks();
  await at.claimAndEnd();
}

/** What happens when nothing fails any more and operators replay what is dead: everything must come to its end. */
async function drain(at: Desk, wire: Wire): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await wire.publish(true);
    await wire.deliver({ choice: { of: 1, rest: 0 }, care: "whole", acknowledged: true });
    await wire.runDue();
    await wire.receiveAcks({ of: 1, rest: 0 });
    await resolveDeadLetters(at.auth, "replay", {}, "model");
    const open = Object.keys(await at.outboxStatuses()).filter((status) => !["processed", "skipped"].includes(status));
    if (open.length === 0) return;
    await resend(at);
  }
}

test("however publishing, delivery, failures, crashes, lost acks, replays and skips interleave, each effect is there once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const at = await desk();
      const wire = new Wire(at);
      const observer = new Observer(at);
      for (const one of steps) {
        await take(at, wire, one);
        await observer.look(wire.committed, one.do);
      }
      await drain(at, wire);
      await observer.look(wire.committed, "drain");
      await observer.expectDone(wire.committed);
    }),
    { numRuns: 200 },
  );
}, 120_000);
