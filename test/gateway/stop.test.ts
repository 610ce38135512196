import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { action, configure, object, service } from "postbox";
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

test("a process that stops is not ready at once, and goes on answering new connections until its drain is over", async () => {
  configure({ ...stack.config, DRAIN_MS: 5_000 });
  const { gateway, metrics, stop } = await stack.startServices([
    "gateway",
    patient(() => undefined, Promise.resolve()),
  ]);
  const stopped = stop();
  await until(async () => (await fetch(`${metrics}/health/ready`)).status === 503, {
    what: "the process is not ready",
  });
  const lastOnItsConnection = async () => {
    const answer = await fetch(`${gateway}/patient/wait`);
    expect([answer.status, await answer.json()]).toEqual([200, 7]);
    return answer.headers.get("connection") === "close";
  };
  await until(lastOnItsConnection, { what: "answers say that their connection ends" });
  // That was the last one of every open connection, so this one is new.
  expect(await lastOnItsConnection()).toBe(true);
  await stopped;
  await expect(fetch(`${gateway}/patient/wait`)).rejects.toThrow();
});
