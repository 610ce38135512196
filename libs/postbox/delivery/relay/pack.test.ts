import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PendingRow } from "../outbox/pending-row.ts";
import { envelopeOverhead } from "../wire/envelope.ts";
import { packLimits, packRows } from "./pack.ts";

/** A claimed row of a payload of this many characters. */
function row(number: number, changes: Partial<PendingRow> = {}): PendingRow {
  return {
    id: `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    event_type: "auth.note",
    version: 1,
    target: "users",
    key: null,
    sequence: null,
    data: `{"n":${number}}`,
    headers: "{}",
    tombstone: false,
    send_number: 0,
    generation: 0,
    occurred_at: "2026-01-02 03:04:05.678+00",
    ...changes,
  };
}

const rows = (count: number, changes: Partial<PendingRow> = {}) =>
  Array.from({ length: count }, (_, index) => row(index, changes));
const wireIdOf = (some: readonly PendingRow[]) => packRows("auth", some)[0]?.wireId;

test("a pack is a JSON array of envelopes that hold the payload as it was stored", () => {
  const [pack] = packRows("auth", [row(1, { key: 'a "b"', sequence: "7", headers: '{"correlation_id":"c"}' })]);
  expect(pack).toMatchObject({ subject: "users.auth.note", target: "users" });
  expect(JSON.parse(pack?.body ?? "")).toEqual([
    {
      event_id: "00000000-0000-7000-8000-000000000001",
      service: "auth",
      event_type: "auth.note",
      version: 1,
      key: 'a "b"',
      sequence: 7,
      generation: 0,
      occurred_at: "2026-01-02T03:04:05.678Z",
      data: { n: 1 },
      headers: { correlation_id: "c" },
    },
  ]);
});

test("only a tombstone says that it is one", () => {
  const [pack] = packRows("auth", [row(1), row(2, { tombstone: true })]);
  expect(JSON.parse(pack?.body ?? "").map(({ tombstone }: { tombstone?: true }) => tombstone)).toEqual([
    undefined,
    true,
  ]);
});

test("rows for different subjects travel apart, each in their order", () => {
  const packs = packRows("auth", [row(1), row(2, { target: "emails" }), row(3), row(4, { event_type: "auth.other" })]);
  expect(packs.map(({ subject, rows: packed }) => [subject, packed.map(({ data }) => data)])).toEqual([
    ["users.auth.note", ['{"n":1}', '{"n":3}']],
    ["emails.auth.note", ['{"n":2}']],
    ["users.auth.other", ['{"n":4}']],
  ]);
});

test("packs keep every row in order, within 50 events and 256 kB; one row alone may be larger", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 120 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const some = lengths.map((length, index) => row(index, { data: JSON.stringify("x".repeat(length)) }));
      const packs = packRows("auth", some);
      expect(packs.flatMap(({ rows: packed }) => packed)).toEqual(some);
      for (const { rows: packed, body } of packs) {
        expect(packed.length).toBeLessThanOrEqual(packLimits.events);
        if (packed.length > 1) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(packLimits.bytes + 1);
      }
    }),
    { numRuns: 30 },
  );
});

test("the wire id of the same rows is the same, so that the broker knows a duplicate", () => {
  expect(wireIdOf(rows(3))).toBe(wireIdOf(rows(3)));
});

test("another pack that begins with the same row has another wire id", () => {
  const ids = [rows(1), rows(2), rows(3), rows(3).toReversed()].map(wireIdOf);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a resend has another wire id", () => {
  expect(wireIdOf(rows(2, { send_number: 1 }))).not.toBe(wireIdOf(rows(2)));
});

test("no envelope is larger around its payload than what enqueue counts with", () => {
  const longest = row(1, {
    event_type: "a".repeat(40),
    version: 2_147_483_647,
    key: "",
    sequence: "9007199254740991",
    tombstone: true,
    generation: 2_147_483_647,
    data: "",
    headers: "",
    occurred_at: "2026-01-02 03:04:05.678901+00",
  });
  expect(packRows("a".repeat(40), [longest])[0]?.body.length).toBeLessThan(envelopeOverhead);
});
