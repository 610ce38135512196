import { expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { errorCode, PostboxError } from "postbox";
import { ConnectionRefusedError } from "sequelize";
import { answerFailure } from "./answer-failure.ts";

const refused = () => new ConnectionRefusedError(new Error("connect ECONNREFUSED 127.0.0.1:5432"));

test("of a hundred calls while the database is away each is answered 503, and one line is logged", async () => {
  const lines: unknown[] = [];
  const broker = new ServiceBroker({ logger: false, errorHandler: answerFailure });
  Object.assign(broker.logger, {
    warn: (line: unknown) => lines.push(line),
    error: (line: unknown) => lines.push(line),
  });
  broker.createService({
    name: "orders",
    actions: {
      place: () => Promise.reject(refused()),
      find: () => Promise.reject(new PostboxError("not-found")),
    },
  });
  await broker.start();
  const errors = await Promise.all(
    Array.from({ length: 100 }, () => broker.call("orders.place").catch((error: unknown) => error)),
  );
  for (const error of errors) {
    expect(errorCode(error)).toBe("service-unavailable");
    expect(error).toMatchObject({
      code: 503,
      data: { retryAfter: 2 },
      message: expect.not.stringContaining("127.0.0.1"),
    });
  }
  expect(lines).toEqual([
    expect.stringContaining("The database of 'orders' is away (connect ECONNREFUSED 127.0.0.1:5432)"),
  ]);
  await expect(broker.call("orders.find")).rejects.toMatchObject({ code: 404 });
  await broker.stop();
});
