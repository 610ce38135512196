import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { handle } from "postbox";
import { keyed, noted } from "../../../../../test/delivery/example-events.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import { HandlerTable } from "../handlers/handler-table.ts";
import { type KnownRow, type Plan, type PlanInput, planBatch } from "./plan.ts";

const nothing = async () => undefined;
const handlers = new HandlerTable("users", [handle(noted, nothing), handle(keyed, nothing)]);
const externalHandlers = new HandlerTable("users", [handle(noted, nothing, { mode: "external" })]);

function event(id: string, changes: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    id,
    source: "auth",
    type: "auth.note",
    version: 1,
    key: null,
    sequence: null,
    generation: 0,
    tombstone: false,
    occurredAt: "2026-01-02T03:04:05.678Z",
    data: { n: 1 },
    headers: {},
    hash: "h",
    possiblePoison: false,
    ...changes,
  };
}

/** An event of key `a`. */
const ofKey = (sequence: number, changes: Partial<IncomingEvent> = {}) =>
  event(`a${sequence}`, { key: "a", sequence, type: "auth.keyed", ...changes });

const known = (id: string, changes: Partial<KnownRow> = {}): [string, KnownRow] => [
  id,
  { id, status: "processed", generation: 0, payload_hash: "h", attempts: 0, error_message: null, ...changes },
];

function plan(changes: Partial<PlanInput>): Plan {
  const none = { events: [], waiting: [], known: new Map(), cursors: new Map(), excluded: new Map(), handlers };
  return planBatch({ ...none, ...changes });
}

/** A plan by ids: what runs, how the others are stored, and where the cursor of key `a` ends. */
function summary({ run, writes, known: answered, rearm, conflict, cursors }: Plan) {
  return {
    run: run.map((one) => one.event.id),
    writes: Object.fromEntries(writes.map((one) => [one.event.id, one.outcome.status])),
    known: answered.map((one) => one.event.id),
    rearm: rearm.map(({ id }) => id),
    conflict: conflict.map((one) => one.event.id),
    cursor: cursors.get("auth\na"),
  };
}

const empty = { run: [], writes: {}, known: [], rearm: [], conflict: [], cursor: undefined };

test("new events without a key all run", () => {
  expect(summary(plan({ events: [event("1"), event("2")] }))).toEqual({ ...empty, run: ["1", "2"] });
});

test("what cannot run in a batch is stored: an external handler's event, possible poison, an unknown type, a newer version", () => {
  const failed = plan({ events: [event("1")], handlers: externalHandlers });
  expect(failed.writes[0]?.outcome).toEqual({ status: "failed", attempts: 0, dueInMs: 0, error: null });
  expect(summary(plan({ events: [event("1", { possiblePoison: true })] })).writes).toEqual({ 1: "failed" });
  expect(summary(plan({ events: [event("1", { type: "auth.other" })] })).writes).toEqual({ 1: "held" });
  expect(summary(plan({ events: [event("1", { version: 2 })] })).writes).toEqual({ 1: "held" });
});

test("a known event is answered, an operator's replay arms it again, another payload is refused", () => {
  const rows = (changes: Partial<KnownRow>) => new Map([known("1", changes)]);
  const again = (changes: Partial<IncomingEvent>, row: Partial<KnownRow>) =>
    summary(plan({ events: [event("1", changes)], known: rows(row) }));
  expect(again({}, {})).toEqual({ ...empty, known: ["1"] });
  expect(again({}, { status: "dead" })).toEqual({ ...empty, known: ["1"] });
  expect(again({ generation: 1 }, { status: "dead" })).toEqual({ ...empty, rearm: ["1"] });
  expect(again({ generation: 1 }, { status: "failed" })).toEqual({ ...empty, rearm: ["1"] });
  expect(again({ generation: 1 }, { status: "dead", generation: 2 })).toEqual({ ...empty, known: ["1"] });
  expect(again({ generation: 1 }, { status: "processed" })).toEqual({ ...empty, known: ["1"] });
  expect(again({ hash: "other" }, { status: "dead" })).toEqual({ ...empty, conflict: ["1"] });
});

test("a key's events run in order of their sequence, however they came", () => {
  expect(summary(plan({ events: [3, 1, 2].map((n) => ofKey(n)) }))).toEqual({
    ...empty,
    run: ["a1", "a2", "a3"],
    cursor: 3,
  });
});

test("behind a gap a key's events are parked, and taken up with what fills it", () => {
  const cursors = new Map([["auth\na", 4]]);
  expect(summary(plan({ cursors, events: [ofKey(6), ofKey(7)] }))).toEqual({
    ...empty,
    writes: { a6: "parked", a7: "parked" },
  });
  expect(summary(plan({ cursors, events: [ofKey(5)], waiting: [ofKey(6), ofKey(7)] }))).toEqual({
    ...empty,
    run: ["a5", "a6", "a7"],
    cursor: 7,
  });
});

test.each([
  ["is possible poison", { possiblePoison: true }, "failed"],
  ["is not known to this release", { type: "auth.other" }, "held"],
] as const)("an event that %s ends its key's run", (_, changes, status) => {
  expect(summary(plan({ events: [ofKey(1), ofKey(2, changes), ofKey(3)] }))).toEqual({
    ...empty,
    run: ["a1"],
    writes: { a2: status, a3: "parked" },
    cursor: 1,
  });
});

test("an event that failed in an earlier attempt of the batch ends its key's run", () => {
  const excluded = new Map([["a1", new Error("no")]]);
  expect(summary(plan({ events: [ofKey(1), ofKey(2)], excluded }))).toEqual({
    ...empty,
    writes: { a1: "failed", a2: "parked" },
  });
});

test("a tombstone stands in its key for the event that it skips", () => {
  const tombstone = ofKey(1, { tombstone: true, generation: 1 });
  expect(
    summary(plan({ events: [tombstone], known: new Map([known("a1", { status: "dead" })]), waiting: [ofKey(2)] })),
  ).toEqual({
    ...empty,
    run: ["a2"],
    rearm: ["a1"],
    cursor: 2,
  });
  expect(summary(plan({ events: [tombstone, ofKey(2)] }))).toEqual({
    ...empty,
    run: ["a2"],
    writes: { a1: "skipped" },
    cursor: 2,
  });
  expect(summary(plan({ events: [ofKey(3, { tombstone: true })] })).writes).toEqual({ a3: "skipped" });
});

test("an unknown event at or below its key's cursor is dead, with a reason; a tombstone for it is skipped", () => {
  const cursors = new Map([["auth\na", 4]]);
  const behind = plan({ cursors, events: [ofKey(4)] });
  expect(summary(behind)).toEqual({ ...empty, writes: { a4: "dead" } });
  expect(behind.writes[0]?.outcome).toMatchObject({ error: expect.stringContaining("went backwards. Replay it") });
  expect(summary(plan({ cursors, events: [ofKey(4, { tombstone: true })] }))).toEqual({
    ...empty,
    writes: { a4: "skipped" },
  });
  const row = new Map([known("a4", { status: "dead" })]);
  expect(summary(plan({ cursors, known: row, events: [ofKey(4, { tombstone: true, generation: 1 })] }))).toEqual({
    ...empty,
    rearm: ["a4"],
  });
});

test("whatever arrives, each event stands once in the plan, and a key's run has no gap", () => {
  const event = fc.record({
    sequence: fc.integer({ min: 1, max: 12 }),
    possiblePoison: fc.boolean(),
    unknown: fc.boolean(),
    tombstone: fc.boolean(),
    stored: fc.boolean(),
  });
  const events = fc.uniqueArray(event, { selector: ({ sequence }) => sequence, maxLength: 12 });
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 12 }), (some, cursor) => {
      const made = some
        .filter(({ sequence, stored }) => !stored || sequence > cursor)
        .map(({ sequence, unknown, ...one }) => ({
          ...one,
          ...ofKey(sequence, { ...one, ...(unknown && { type: "auth.x" }) }),
        }));
      const result = plan({
        events: made.filter(({ stored }) => !stored),
        waiting: made.filter(({ stored }) => stored),
        cursors: new Map([["auth\na", cursor]]),
      });
      const reached = result.cursors.get("auth\na") ?? cursor;
      const runs = result.run.map(({ event: one }) => one.sequence ?? 0);
      const planned = [...runs, ...result.writes.map(({ event: one }) => one.sequence)];
      expect(new Set(planned).size).toBe(planned.length);
      expect(runs).toEqual(runs.toSorted((a, b) => a - b));
      for (let n = cursor + 1; n <= reached; n++) {
        const one = made.find(({ sequence }) => sequence === n);
        expect(one?.tombstone || runs.includes(n)).toBe(true);
      }
      expect(runs.every((n) => n > cursor && n <= reached)).toBe(true);
    }),
  );
});
