import { expect, test } from "@jest/globals";
import { framesOf, headlineOf, storedError } from "./stored-error.ts";

/** An error whose stack is as V8 writes it. */
function failed(message: string, frames: readonly string[], cause?: Error): Error {
  const error = new Error(message, { cause });
  error.stack = [`Error: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

const root = process.cwd();
const library = [
  `Object.query (file://${root}/libs/postbox/postgres/database.ts:1:2)`,
  `run (file://${root}/node_modules/pg/lib/client.js:1:2)`,
  "node:internal/process/task_queues:103:5",
];

test("an error is stored with the project's own frames, and with none of a package, the runtime or Node", () => {
  const error = failed("no stock", [
    ...library,
    `reserve (file://${root}/services/stock/events.ts:14:9)`,
    `async ${root}/services/stock/items.ts:3:1`,
    "elsewhere (/somewhere/else/index.js:1:1)",
  ]);
  expect(storedError(error)).toBe(
    "Error: no stock\n    at reserve (services/stock/events.ts:14:9)\n    at services/stock/items.ts:3:1",
  );
});

test("an error without own frames is told by those of its cause", () => {
  const cause = failed("inner", [`lift (${root}/libs/orders/events.ts:7:3)`]);
  expect(storedError(failed("outer", library, cause))).toBe("Error: outer\n    at lift (libs/orders/events.ts:7:3)");
});

test("a message of several lines is one line, its own lines are taken for no frames, and the text is bounded", () => {
  const frame = `    at pretended (${root}/services/stock/events.ts:1:1)`;
  expect(storedError(failed(`a\0\n${frame}`, []))).toBe(`Error: a ${frame.trim()}`);
  const long = storedError(failed("x".repeat(10_000), [`f (${root}/services/${"y".repeat(900)}.ts:1:1)`]));
  expect(long.length).toBeLessThanOrEqual(2_000);
  expect(framesOf(long)).toBe("");
  const stored = storedError(failed("a", [`f (${root}/services/a.ts:1:1)`]));
  expect([headlineOf(stored), framesOf(stored)]).toEqual(["Error: a", "\n    at f (services/a.ts:1:1)"]);
});
