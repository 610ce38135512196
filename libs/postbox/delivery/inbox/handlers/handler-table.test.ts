import { expect, test } from "@jest/globals";
import { defineOpenEvent, handle } from "postbox";
import { Type } from "typebox";
import { noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { HandlerTable } from "./handler-table.ts";

test("two handlers of one event, and a handler of an event that is sent elsewhere, are refused at start", () => {
  const one = handle(noted, writeEffect);
  expect(() => new HandlerTable("users", [one, one])).toThrow("has two handlers of 'auth.note'");
  expect(() => new HandlerTable("emails", [one])).toThrow("which is sent to users only");
});

test("an event of any publisher is handled by the one handler for all, unless its publisher's has a handler of its own", () => {
  const open = defineOpenEvent({
    name: "note",
    version: 2,
    targets: ["users"],
    schema: Type.Object({}),
    upcasters: { 1: (v1) => v1 },
  });
  const [ofAuth, ofAny] = [handle(noted, writeEffect), handle(open.fromAny, async () => {})];
  const table = new HandlerTable("users", [ofAuth, ofAny]);
  expect(table.find({ type: "auth.note", version: 1 })).toBe(ofAuth);
  expect(table.find({ type: "orders.note", version: 1 })).toBe(ofAny);
  expect(table.find({ type: "orders.note", version: 3 })).toBeUndefined();
  expect(table.find({ type: "orders.other.note", version: 1 })).toBeUndefined();
  expect(open.from("orders").subjectFor("users")).toBe("users.orders.note");
  expect(() => open.from("Orders")).toThrow("lowercase");
});
