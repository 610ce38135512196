import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../stack/wait/until.ts";
import { type Changes, collectChanges } from "./changes.ts";
import { keepServing } from "./keep-serving.ts";
import type { ServicesProcess } from "./services-process.ts";

/** A process of services that becomes ready and ends when the test says so. */
interface Started extends ServicesProcess {
  stopped: boolean;
  becomeReady(): void;
  end(how: string): void;
}

let started: Started[];
let prepared: (readonly string[])[];
let said: string[];
let changes: Changes;
let ending: AbortController;
let work: Promise<void>;

function start(): Started {
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const process: Started = {
    ready: ready.promise,
    ended: ended.promise,
    stopped: false,
    becomeReady: ready.resolve,
    end: ended.resolve,
    stop: async () => {
      process.stopped = true;
      ended.resolve("exit code 0");
    },
  };
  started.push(process);
  return process;
}

beforeEach(() => {
  [started, prepared, said] = [[], [], []];
  changes = collectChanges();
  ending = new AbortController();
  work = keepServing({
    start,
    prepare: async (paths) => void prepared.push(paths),
    changes,
    report: (line) => said.push(line),
    signal: ending.signal,
  });
});

afterEach(async () => {
  ending.abort();
  await work;
});

/** The process that was started as the nth, from 0. */
const nth = (index: number) => until(() => started[index], { what: `process ${index} is started` });
const hears = (part: string) => until(() => said.some((line) => line.includes(part)), { what: `'${part}' is said` });

test("a change starts a process beside the one that serves, which is stopped when the new one is ready", async () => {
  const first = await nth(0);
  first.becomeReady();
  await hears("live after");
  changes.add(["services/orders/models.ts"]);
  const second = await nth(1);
  expect(first.stopped).toBe(false);
  second.becomeReady();
  await until(() => first.stopped, { what: "the first one is stopped" });
  expect(second.stopped).toBe(false);
  expect(prepared).toEqual([["services/orders/models.ts"]]);
});

test("a process that does not start leaves the one that serves, and the next change starts another", async () => {
  const first = await nth(0);
  first.becomeReady();
  await hears("live after");
  changes.add(["services/orders/models.ts"]);
  (await nth(1)).end("exit code 1");
  await hears("What ran before goes on.");
  expect(first.stopped).toBe(false);
  changes.add(["services/orders/models.ts"]);
  (await nth(2)).becomeReady();
  await until(() => first.stopped, { what: "the first one is stopped" });
});

test("services that do not start at first, or end later, wait for the next change", async () => {
  (await nth(0)).end("exit code 1");
  await hears("Nothing serves.");
  changes.add(["services/orders/models.ts"]);
  const second = await nth(1);
  second.becomeReady();
  await hears("live after");
  second.end("signal SIGKILL");
  await hears("ended by themselves, with signal SIGKILL");
  expect(started).toHaveLength(2);
  changes.add(["services/orders/models.ts"]);
  await nth(2);
});

test("a change during a start stops what starts, and what is told of is every change since", async () => {
  const first = await nth(0);
  changes.add(["b"]);
  changes.add(["a", "b"]);
  await nth(1);
  expect(first.stopped).toBe(true);
  expect(prepared).toEqual([["a", "b"]]);
});

test("an abort stops what serves and what starts", async () => {
  (await nth(0)).becomeReady();
  await hears("live after");
  changes.add(["a"]);
  await nth(1);
  ending.abort();
  await work;
  expect(started.map(({ stopped }) => stopped)).toEqual([true, true]);
});
