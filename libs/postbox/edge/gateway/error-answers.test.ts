import type { ServerResponse } from "node:http";
import { expect, test } from "@jest/globals";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Incoming } from "../requests/incoming.ts";
import { answerError, type ErrorPolicy } from "./error-answers.ts";

const request = { id: "r1", headers: {}, complete: true, answerHeaders: [] } as unknown as Incoming;

/** Answers with an error under a limiter that refuses or not; gives status, log lines and the addresses counted. */
async function answered(error: unknown, { over = false, limited = true } = {}) {
  const logged: string[] = [];
  const counted: string[] = [];
  const limiter = {
    take: async (_limited: unknown, address: string) => {
      counted.push(address);
      if (over) throw new PostboxError("rate-limited");
    },
  };
  const policy: ErrorPolicy = {
    logger: { error: (line: string) => void logged.push(line) },
    clientOf: () => ({ address: "192.0.2.7", network: "192.0.2.7" }),
    refusals: limited ? { limiter, limited: { action: "refused" } } : undefined,
  };
  const status = await new Promise<number>((resolve) => {
    const res = { headersSent: false, writeHead: resolve, end: () => undefined };
    answerError(policy, request, res as unknown as ServerResponse, error);
  });
  return { status, logged, counted };
}

test("an unknown error is a 500 for the client, and is logged with its request and its trace", async () => {
  const { status, logged, counted } = await answered(new Error("the pool is gone"));
  expect({ status, counted }).toEqual({ status: 500, counted: [] });
  expect(logged).toEqual([expect.stringMatching(/^Request r1 failed .*the pool is gone/)]);
});

test("a refused request counts against its address, and over the limit its answer is 429", async () => {
  const refused = new PostboxError("unauthenticated");
  expect(await answered(refused)).toEqual({ status: 401, logged: [], counted: ["192.0.2.7"] });
  expect(await answered(refused, { over: true })).toEqual({ status: 429, logged: [], counted: ["192.0.2.7"] });
});

test("what a caller may mend counts nowhere, and nothing does while rate limits are off", async () => {
  expect(await answered(new PostboxError("validation-failed"))).toEqual({ status: 422, logged: [], counted: [] });
  expect(await answered(new PostboxError("not-found"), { limited: false })).toMatchObject({ status: 404, counted: [] });
});
