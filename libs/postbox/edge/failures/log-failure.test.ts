import { expect, test } from "@jest/globals";
import { type Context, ServiceBroker } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { logFailure } from "./log-failure.ts";

test("an action that fails as nobody foresaw is logged once, with its request and its line; any other is not", async () => {
  const logged: string[] = [];
  const broker = new ServiceBroker({ logger: false, errorHandler: logFailure });
  Object.assign(broker, {
    logger: Object.assign(Object.create(broker.logger), { error: (line: string) => logged.push(line) }),
  });
  broker.createService({
    name: "shop",
    actions: {
      broken() {
        throw new TypeError("nobody foresaw this");
      },
      calls: (ctx: Context) => ctx.call("shop.broken"),
      refuses() {
        throw new PostboxError("not-found");
      },
    },
  });
  await broker.start();
  await expect(broker.call("shop.calls", {}, { requestID: "r-1" })).rejects.toThrow("nobody foresaw this");
  await expect(broker.call("shop.refuses")).rejects.toThrow();
  await broker.stop();
  expect(logged).toEqual([
    expect.stringMatching(
      /^Request r-1 failed \(shop\.broken\)\. TypeError: nobody foresaw this\n +at .*log-failure\.test\.ts/,
    ),
  ]);
});
