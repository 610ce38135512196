import { expect, test } from "@jest/globals";
import { Errors } from "moleculer";
import { DatabaseError, UniqueConstraintError } from "sequelize";
import { catalogue, type ErrorCode, errorEntry } from "../../core/errors/catalogue.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { PostboxRegenerator } from "../../core/errors/regenerator.ts";
import { problem, problemHeaders } from "./problem.ts";

const leak = "duplicate key value violates \"users_pkey\" at /srv/app.ts:7 node-7 password='hunter2'";
const parent = Object.assign(new Error(leak), { sql: `select '${leak}'`, code: "23505", detail: leak });

const inner: readonly [string, unknown][] = [
  ["an Error", new Error(leak)],
  ["a TypeError", new TypeError(leak)],
  ["an error with a status", Object.assign(new Error(leak), { status: 400, statusCode: 400, expose: true })],
  ["an error with a code of the catalogue", Object.assign(new Error(leak), { type: "not-found", code: 404 })],
  ["a system error", Object.assign(new Error(leak), { code: "ECONNREFUSED", address: "10.0.0.1", port: 5432 })],
  ["an aggregate", new AggregateError([new Error(leak)], leak)],
  ["an error with a cause", new Error(leak, { cause: new Error(leak) })],
  ["a text", leak],
  ["a number", 42],
  ["null", null],
  ["undefined", undefined],
  ["an object", { message: leak, status: 418 }],
  [
    "an object with a getter that throws",
    Object.defineProperty({}, "message", {
      get: () => {
        throw new Error(leak);
      },
    }),
  ],
  ["Sequelize's database error", new DatabaseError(parent as never)],
  ["Sequelize's unique error", new UniqueConstraintError({ message: leak, parent: parent as never })],
  ["Moleculer's error", new Errors.MoleculerError(leak, 500, "X", { leak })],
  ["Moleculer's error with an unknown type", new Errors.MoleculerError(leak, 404, "NOPE", { leak })],
  ["Moleculer's client error", new Errors.MoleculerClientError(leak, 400, "BAD", { leak })],
  ["Moleculer's server error", new Errors.MoleculerServerError(leak, 500, "BAD", { leak })],
  ["Moleculer's retryable error", new Errors.MoleculerRetryableError(leak, 500, "BAD", { leak })],
  ["a service not found", new Errors.ServiceNotFoundError({ action: leak, nodeID: leak })],
  ["a service not available", new Errors.ServiceNotAvailableError({ action: leak, nodeID: leak })],
  ["a timeout", new Errors.RequestTimeoutError({ action: leak, nodeID: leak })],
  ["a skipped request", new Errors.RequestSkippedError({ action: leak, nodeID: leak })],
  ["a rejected request", new Errors.RequestRejectedError({ action: leak, nodeID: leak })],
  ["a full queue", new Errors.QueueIsFullError({ action: leak, nodeID: leak, size: 1, limit: 1 })],
  ["Moleculer's validation", new Errors.ValidationError(leak, "V", [{ actual: leak }] as never)],
  ["too many levels of calls", new Errors.MaxCallLevelError({ nodeID: leak, action: leak } as never)],
  ["a lost broker", new Errors.BrokerDisconnectedError(leak)],
  ["a code that is inherited", new Errors.MoleculerError(leak, 400, "constructor", { leak })],
];
const own = catalogue().filter(([, { status }]) => status >= 500);
const all: readonly [string, unknown][] = [
  ...inner,
  ...own.map(([code]): [string, unknown] => [
    `${code}, with a message of the inside`,
    new PostboxError(code as ErrorCode, publicCode(code) ? undefined : leak, { cause: parent }),
  ]),
];

/** Codes that speak to the client write their own messages, so that nothing of the inside is in them. */
function publicCode(code: string): boolean {
  return problem(new PostboxError(code as ErrorCode, "said"), "id").detail === "said";
}

test("there are fifty kinds of errors or more", () => expect(all.length).toBeGreaterThanOrEqual(50));

test.each(all)("nothing leaks of %s", (_, error) => {
  const told = JSON.stringify([problem(error, "id"), problemHeaders(problem(error, "id"), error)]);
  expect(told).not.toMatch(/users_pkey|\/srv|node-7|hunter2|select|10\.0\.0\.1|ECONN/);
  expect(problem(error, "id").status).toBeGreaterThanOrEqual(500);
});

test("an error of the catalogue tells its code, its detail, its faults and when to try again, also after the wire", () => {
  const errors = [{ field: "body.name", rule: "minLength", message: "is too short" }];
  const error = new PostboxError("validation-failed", "Two rules are broken.", { errors, retryAfter: 2.1 });
  const regenerator = new PostboxRegenerator();
  regenerator.init({ nodeID: "node-7" } as never);
  const plain = JSON.parse(JSON.stringify(regenerator.extractPlainError(error as never)));
  for (const one of [error, regenerator.restore(plain, {} as never)]) {
    const told = problem(one, "id");
    expect(told).toEqual({
      type: "urn:postbox:error:validation-failed",
      title: errorEntry("validation-failed").title,
      status: 422,
      code: "validation-failed",
      detail: "Two rules are broken.",
      errors,
      request_id: "id",
    });
    expect(problemHeaders(told, one)["Retry-After"]).toBe("3");
  }
});
