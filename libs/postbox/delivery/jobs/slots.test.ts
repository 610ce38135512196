import { expect, test } from "@jest/globals";
import type { Misfire } from "postbox";
import { latestSlot, nextSlot, slotsToRun } from "./slots.ts";

const at = (time: string) => new Date(`2026-03-${time}Z`);
const quarter = { cron: "*/15 * * * *" };

test("the next slot of a pattern is after the moment, never at it", () => {
  expect(nextSlot(quarter, at("01T10:14:59"))).toEqual(at("01T10:15:00"));
  expect(nextSlot(quarter, at("01T10:15:00"))).toEqual(at("01T10:30:00"));
  expect(nextSlot({ cron: "*/10 * * * * *" }, at("01T10:15:01"))).toEqual(at("01T10:15:10"));
});

test("the latest slot of a pattern is at the moment or before it", () => {
  expect(latestSlot(quarter, at("01T10:14:59"))).toEqual(at("01T10:00:00"));
  expect(latestSlot(quarter, at("01T10:15:00"))).toEqual(at("01T10:15:00"));
});

test("a pattern follows the clock of its time zone over a change to summer time", () => {
  const berlin = { cron: "0 3 * * *", timeZone: "Europe/Berlin" };
  expect(["27", "28", "29"].map((day) => nextSlot(berlin, at(`${day}T12:00:00`)))).toEqual([
    at("28T02:00:00"),
    at("29T01:00:00"),
    at("30T01:00:00"),
  ]);
  expect(latestSlot(berlin, at("29T12:00:00"))).toEqual(at("29T01:00:00"));
});

test("a job for one time has one slot", () => {
  const once = { at: at("01T10:00:00") };
  expect(nextSlot(once, at("01T09:00:00"))).toEqual(once.at);
  expect(nextSlot(once, once.at)).toBeNull();
  expect(latestSlot(once, once.at)).toEqual(once.at);
  expect(latestSlot(once, at("01T09:00:00"))).toBeNull();
});

test("after a week without a scheduler, 'all' begins with the oldest slots of a job for every second", () => {
  const slots = slotsToRun({ schedule: { cron: "* * * * * *" }, misfire: "all" }, at("01T00:00:00"), at("08T00:00:00"));
  expect(slots).toHaveLength(20);
  expect([slots[0], slots[19]]).toEqual([at("01T00:00:00"), at("01T00:00:19")]);
});

test("a job that is run now runs for that moment, not for the slot before it", () => {
  const now = at("01T10:20:07");
  expect(slotsToRun({ schedule: quarter, misfire: "once" }, now, at("01T10:20:08"))).toEqual([now]);
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
