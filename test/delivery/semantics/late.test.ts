import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { until } from "postbox/testing";
import { DataTypes } from "sequelize";
import { noted, writeEffect } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

test.each(["fails", "ends"])(
  "what a handler that %s begins later by a model is refused, and its batch commits without it",
  async (how) => {
    const at = await manualDelivery();
    const Effect = at.users.sequelize.define("effect", { n: DataTypes.INTEGER }, { tableName: "effect" });
    Effect.removeAttribute("id");
    await at.commit([{ n: 1 }, { n: 2 }]);
    const told = Promise.withResolvers<string>();
    const over = Promise.withResolvers<void>();
    const worker = at.worker([
      handle(noted, async (message, tx) => {
        if (message.data.n === 1) {
          void over.promise
            .then(() => Effect.create({ n: -1 }))
            .then(
              () => told.resolve("written"),
              (error: unknown) => told.resolve(String(error)),
            );
          if (how === "fails") throw new Error("not now");
          return;
        }
        over.resolve();
        expect(await told.promise).toContain("A handler of 'auth.note' went on after its end");
        await writeEffect(message, tx);
      }),
    ]);
    await at.carry(worker);
    expect(await at.effects()).toEqual([2]);
  },
);

test("a model of a handler that has not ended writes in its batch's transaction", async () => {
  const at = await manualDelivery();
  const Effect = at.users.sequelize.define("effect", { n: DataTypes.INTEGER }, { tableName: "effect" });
  Effect.removeAttribute("id");
  await at.commit([{ n: 1 }, { n: 2 }, { n: 3 }]);
  const worker = at.worker([
    handle(noted, async ({ data: { n } }) => {
      await Effect.create({ n });
      if (n === 2) throw new Error("not now");
    }),
  ]);
  await at.carry(worker);
  expect(await at.effects()).toEqual([1, 3]);
});

test("a handler's signal aborts when its worker stops, and a listener that was left on it goes with its event", async () => {
  const at = await manualDelivery();
  const stopping = new AbortController();
  const signals: WeakRef<AbortSignal>[] = [];
  await at.commit([{ n: 1 }]);
  const listening = handle(noted, async (_message, { signal }) => {
    signals.push(new WeakRef(signal));
    signal.addEventListener("abort", () => undefined);
  });
  await at.carry(at.worker([listening], stopping.signal));
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  await until(
    async () => {
      await turn();
      collect();
      return signals.length === 1 && signals[0]?.deref() === undefined;
    },
    { what: "the signal is gone" },
  );

  await at.commit([{ n: 2 }]);
  const reasons: unknown[] = [];
  const waiting = handle(noted, async (_message, { signal }) => {
    stopping.abort("it stops");
    reasons.push(signal.reason);
  });
  await at.carry(at.worker([waiting], stopping.signal));
  expect(reasons).toEqual(["it stops"]);
});
