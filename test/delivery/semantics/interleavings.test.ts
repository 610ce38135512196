import { test } from "@jest/globals";
import fc from "fast-check";
import { desk } from "./desk.ts";
import { Model } from "./model.ts";
import { Observer } from "./observer.ts";
import { step } from "./steps.ts";

test("however publishing, delivery, failures, crashes, losses, replays and skips interleave, each effect is there once and in order", async () => {
  await fc.assert(
    // Left alone, fast-check makes half as many steps at most.
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: "max" }), async (steps) => {
      const at = await desk();
      const model = new Model(at);
      const observers = (["users", "emails"] as const).map((name) => ({
        observer: new Observer(at.auth, at.subscribers[name]),
        committed: model.committed[name],
      }));
      const look = async (after: string) => {
        for (const { observer, committed } of observers) await observer.look(committed, after);
      };
      for (const one of steps) {
        await model.take(one);
        await look(one.do);
      }
      await model.drain();
      await look("drain");
      for (const { observer, committed } of observers) await observer.expectDone(committed);
    }),
    { numRuns: 120 },
  );
});
