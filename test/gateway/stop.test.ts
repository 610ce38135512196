import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { action, object, service } from "postbox";
import { rest, type StoreFields, store } from "postbox/mixins";
import { setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";

let stack: TestStack;
beforeEach(async () => {
  stack = await setup();
});
afterEach(() => stack.stop());

/** Answers when the test lets it, with what only an open database can tell. */
function patient(entered: () => void, gate: Promise<void>) {
  return service({
    name: "patient",
    version: 1,
    mixins: [store("emails", () => ({})), rest("patient", { latest: 1 })],
    actions: {
      wait: action({
        rest: "GET /wait",
        access: "public",
        params: object({}),
        response: Type.Integer(),
        async handler(this: StoreFields<Record<never, never>>) {
          entered();
          await gate;
          const { rows } = await this.db.query<{ n: number }>({ text: "select 7 as n" });
          return rows[0]?.n ?? 0;
        },
      }),
    },
  });
}

test("a request under way ends well when the process stops, and no new one is taken", async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { gateway, stop } = await stack.startServices(["gateway", patient(entered.resolve, gate.promise)]);
  const answer = fetch(`${gateway}/patient/wait`);
  await entered.promise;
  const stopped = stop();
  await until(
    () =>
      fetch(`${gateway}/gateway/utils/health`).then(
        () => false,
        () => true,
      ),
    { what: "the gateway takes no connection" },
  );
  gate.resolve();
  expect(await (await answer).json()).toBe(7);
  await stopped;
});
