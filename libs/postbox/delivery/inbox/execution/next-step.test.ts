import { expect, test } from "@jest/globals";
import { ConnectionError } from "sequelize";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { HandlerStopped } from "../handlers/handler-errors.ts";
import { ConcurrentWriteError } from "../rows/concurrent-write-error.ts";
import { BatchFailedError, HandlersTimedOutError } from "./attempt-errors.ts";
import type { IsolationLevel } from "./batch-attempt.ts";
import {
  type FailureKind,
  type History,
  kindOf,
  maxConflicts,
  type NextStep,
  nextStep,
  nextSteps,
} from "./next-step.ts";

type Steps = readonly [none: NextStep, single: NextStep, several: NextStep];

const always = (step: NextStep): Steps => [step, step, step];

/** For each kind and level the step after an attempt that ran no event, one, and several. */
const expected: Record<FailureKind, Record<IsolationLevel, Steps>> = {
  interruption: { batch: always("give up"), group: always("give up"), event: always("give up") },
  standstill: { batch: always("defer"), group: always("defer"), event: always("defer") },
  "concurrent write": { batch: always("repeat"), group: always("repeat"), event: always("repeat") },
  "handler failed": {
    batch: always("run in groups"),
    group: always("run in groups"),
    event: always("run in groups"),
  },
  "handlers timed out": {
    batch: always("exclude late"),
    group: always("exclude late"),
    event: always("exclude late"),
  },
  conflict: { batch: always("repeat"), group: always("repeat"), event: always("repeat") },
  "statement refused": {
    batch: always("run in groups"),
    group: ["run one by one", "exclude", "run one by one"],
    event: ["give up", "exclude", "give up"],
  },
  unknown: { batch: always("give up"), group: always("give up"), event: always("give up") },
};

const kinds = Object.keys(nextSteps) as FailureKind[];
const levels: readonly IsolationLevel[] = ["batch", "group", "event"];

test.each(kinds.flatMap((kind) => levels.map((level) => ({ kind, level }))))(
  "after '$kind' at level '$level' the batch goes on as the table says",
  ({ kind, level }) => {
    expect([0, 1, 2].map((running) => nextStep(kind, level, running))).toEqual(expected[kind][level]);
  },
);

const refusal = (code: string) => Object.assign(new Error(code), { code });
const first: History = { conflicts: 0, deferred: false, stopping: false };

test.each<[string, unknown, FailureKind]>([
  ["a lost connection", new PostboxError("connection-lost"), "interruption"],
  ["no connection to be had", new ConnectionError(new Error("refused")), "interruption"],
  ["a server that goes down", refusal("57P01"), "interruption"],
  ["a server that is short of something", refusal("53300"), "interruption"],
  ["a server that takes no writes", refusal("25006"), "interruption"],
  [
    "a plan that a change of the schema made invalid",
    Object.assign(new Error("cached plan must not change result type"), { code: "0A000" }),
    "interruption",
  ],
  ["a handler that the stopping worker ended", new HandlerStopped(), "interruption"],
  ["an idle transaction that Postgres ended", refusal("25P03"), "standstill"],
  ["an idle transaction that this process noticed", new PostboxError("transaction-idle"), "standstill"],
  ["a row that another worker wrote", new ConcurrentWriteError(), "concurrent write"],
  ["a failed handler", new BatchFailedError(), "handler failed"],
  ["late handlers", new HandlersTimedOutError(new Map()), "handlers timed out"],
  ["a serialization failure", refusal("40001"), "conflict"],
  ["a deadlock", refusal("40P01"), "conflict"],
  ["a broken constraint", refusal("23505"), "statement refused"],
  ["a lock that was waited for too long", refusal("55P03"), "statement refused"],
  ["a key that is locked", new PostboxError("lock-timeout"), "statement refused"],
  ["a broken pipe", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }), "interruption"],
  ["a transaction that a handler left aborted", new PostboxError("transaction-aborted"), "statement refused"],
  ["an error of no database", new TypeError("no"), "unknown"],
])("%s is told apart", (_, error, kind) => {
  expect(kindOf(error, first)).toBe(kind);
});

test("a standstill of an attempt that ran no handler is an interruption", () => {
  expect(kindOf(refusal("25P03"), { ...first, deferred: true })).toBe("interruption");
});

test("the fifth conflict counts as a refused statement", () => {
  const seen = [0, 1, 2, 3, 4, 5].map((conflicts) => kindOf(refusal("40001"), { ...first, conflicts }));
  expect(seen.filter((kind) => kind === "conflict")).toHaveLength(maxConflicts - 1);
  expect(seen.slice(4)).toEqual(["statement refused", "statement refused"]);
});

test("whatever fails while the worker stops is an interruption", () => {
  for (const error of [new TypeError("no"), new BatchFailedError(), refusal("23505"), refusal("25P03")])
    expect(kindOf(error, { ...first, stopping: true })).toBe("interruption");
});
