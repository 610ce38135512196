import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { HandlerTable } from "./handler-table.ts";

test("two handlers of one event, and a handler of an event that is sent elsewhere, are refused at start", () => {
  const one = handle(noted, writeEffect);
  expect(() => new HandlerTable("users", [one, one])).toThrow("has two handlers of 'auth.note'");
  expect(() => new HandlerTable("emails", [one])).toThrow("which is sent to users only");
});
