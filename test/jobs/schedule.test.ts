import { expect, test } from "@jest/globals";
import { slotsToRun } from "../../libs/jobs/claim-runs.ts";
import { defineJob, type Misfire, nextSlot, slotsBetween } from "../../libs/jobs/define-job.ts";

const at = (time: string) => new Date(`2026-03-${time}Z`);
const quarter = { cron: "*/15 * * * *" };

test("the next slot of a pattern is after the moment, never at it", () => {
  expect(nextSlot(quarter, at("01T10:14:59"))).toEqual(at("01T10:15:00"));
  expect(nextSlot(quarter, at("01T10:15:00"))).toEqual(at("01T10:30:00"));
  expect(nextSlot({ cron: "*/10 * * * * *" }, at("01T10:15:01"))).toEqual(at("01T10:15:10"));
});

test("a pattern follows the clock of its time zone over a change to summer time", () => {
  const berlin = { cron: "0 3 * * *", timeZone: "Europe/Berlin" };
  expect(slotsBetween(berlin, at("27T12:00:00"), at("30T12:00:00"))).toEqual([
    at("28T02:00:00"),
    at("29T01:00:00"),
    at("30T01:00:00"),
  ]);
});

test("a job for one time has one slot", () => {
  const once = { at: at("01T10:00:00") };
  expect(nextSlot(once, at("01T09:00:00"))).toEqual(once.at);
  expect(nextSlot(once, once.at)).toBeNull();
  expect(slotsBetween(once, at("01T09:00:00"), at("01T11:00:00"))).toEqual([once.at]);
});

test("of very many slots the latest are kept", () => {
  const slots = slotsBetween({ cron: "* * * * * *" }, at("01T00:00:00"), at("02T00:00:00"), 3);
  expect(slots).toEqual([at("01T23:59:58"), at("01T23:59:59"), at("02T00:00:00")]);
});

test.each<[Misfire, string[]]>([
  ["skip", []],
  ["once", ["01T10:45:00"]],
  ["all", ["01T10:15:00", "01T10:30:00", "01T10:45:00"]],
])("with the misfire policy '%s', three missed slots run as agreed", (misfire, expected) => {
  const slots = slotsToRun({ schedule: quarter, misfire }, at("01T10:15:00"), at("01T10:50:00"));
  expect(slots).toEqual(expected.map(at));
});

test.each<Misfire>(["skip", "once", "all"])("with the misfire policy '%s', a slot that is due runs", (misfire) => {
  const slots = slotsToRun({ schedule: quarter, misfire }, at("01T10:15:00"), at("01T10:15:01"));
  expect(slots).toEqual([at("01T10:15:00")]);
});

test("a name, a pattern or a time zone that is none is refused when the job is defined", () => {
  const define = (changes: object) => () =>
    defineJob({ name: "tidy", schedule: quarter, handler: async () => undefined, ...changes });
  expect(define({ name: "Tidy up" })).toThrow("a name has lowercase letters");
  expect(define({ schedule: { cron: "every day" } })).toThrow("is no schedule; write e.g.");
  expect(define({ schedule: { cron: "0 3 * * *", timeZone: "Berlin" } })).toThrow(
    "in time zone 'Berlin' is no schedule",
  );
  expect(define({})()).toMatchObject({ misfire: "once", overlap: "skip", persistent: false, maxAttempts: 10 });
});
