import { jest, test } from "@jest/globals";
import fc from "fast-check";
import { InvariantCheck } from "./invariants.ts";
import { manualDelivery } from "./manual-delivery.ts";
import { Model } from "./model.ts";
import { step } from "./model-steps.ts";

// A hundred and twenty generated runs, each on real databases.
jest.setTimeout(180_000);

test("however publishing, delivery, failures, crashes, losses, replays and skips interleave, each effect is there once and in order", async () => {
  await fc.assert(
    // Left alone, fast-check makes half as many steps at most.
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: "max" }), async (steps) => {
      const at = await manualDelivery();
      const model = new Model(at);
      const checks = (["users", "emails"] as const).map((name) => ({
        invariants: new InvariantCheck(at.auth, at.subscribers[name]),
        committed: model.committed[name],
      }));
      const checkAll = async (after: string) => {
        for (const { invariants, committed } of checks) await invariants.check(committed, after);
      };
      for (const one of steps) {
        await model.take(one);
        await checkAll(one.do);
      }
      await model.drain();
      await checkAll("drain");
      for (const { invariants, committed } of checks) await invariants.expectDone(committed);
    }),
    { numRuns: 120 },
  );
});
