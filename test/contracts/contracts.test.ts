import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { defineEvent, type EventDefinition } from "postbox";
import { Type } from "typebox";
import { checkContracts, draftsOf } from "../../libs/postbox/tools/contracts/check-contracts.ts";
import { contractOf } from "../../libs/postbox/tools/contracts/contract.ts";
import { freeze, readFrozen } from "../../libs/postbox/tools/contracts/frozen.ts";
import { loadContracts, loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";
import { handles, loadHandlers } from "../../libs/postbox/tools/contracts/load-handlers.ts";

const order = {
  id: Type.String(),
  lines: Type.Array(Type.Object({ count: Type.Integer({ minimum: 1 }) })),
  note: Type.Optional(Type.String()),
  speed: Type.Union([Type.Literal("slow"), Type.Literal("fast")]),
  wrapping: Type.Optional(Type.Enum(["paper", "box"])),
};

const released = placed({ schema: Type.Object(order) });

test("every event keeps the contract that was frozen for it", async () => {
  expect(checkContracts(await readFrozen(), await loadContracts())).toEqual([]);
});

test("every target of every event handles it", async () => {
  const handlers = await loadHandlers();

  for (const { subject, targets } of await loadEvents())
    for (const target of targets)
      expect([target, subject, handles(handlers.get(target), subject)]).toEqual([target, subject, true]);
});

test.each<[string, EventDefinition]>([
  ["a new optional property", placed({ schema: Type.Object({ ...order, gift: Type.Optional(Type.Boolean()) }) })],
  ["another description", placed({ schema: Type.Object(order, { description: "An order." }) })],
  ["another target", placed({ schema: Type.Object(order), targets: ["shop", "store"] })],
  [
    "another order of choices",
    placed({ schema: Type.Object({ ...order, speed: Type.Union([Type.Literal("fast"), Type.Literal("slow")]) }) }),
  ],
  [
    "a new version with an upcaster",
    placed({ version: 2, upcasters: { 1: (data) => data }, schema: Type.Object({ number: Type.Integer() }) }),
  ],
])("%s breaks nobody", (_, event) => {
  expect(faults(event)).toEqual([]);
});

test.each<[string, EventDefinition, string]>([
  ["a property that is gone", placed({ schema: Type.Object(without("note")) }), "note is gone"],
  [
    "a narrower type",
    placed({ schema: Type.Object({ ...order, id: Type.String({ maxLength: 8 }) }) }),
    "id 'maxLength' was absent and is 8",
  ],
  [
    "another type",
    placed({ schema: Type.Object({ ...order, id: Type.Integer() }) }),
    `id 'type' was "string" and is "integer"; make it version 2 with an upcaster from 1`,
  ],
  [
    "an optional property that became required",
    placed({ schema: Type.Object({ ...order, note: Type.String() }) }),
    "note was optional and is required",
  ],
  [
    "a choice that is gone",
    placed({ schema: Type.Object({ ...order, speed: Type.Union([Type.Literal("slow")]) }) }),
    `speed no longer takes "fast"`,
  ],
  [
    "a choice that is new",
    placed({ schema: Type.Object({ ...order, wrapping: Type.Optional(Type.Enum(["paper", "box", "bag"])) }) }),
    `wrapping takes "bag" now, which older releases refuse`,
  ],
  [
    "a required property that became optional",
    placed({ schema: Type.Object({ ...order, id: Type.Optional(Type.String()) }) }),
    "id was required and is optional",
  ],
  [
    "a new required property",
    placed({ schema: Type.Object({ ...order, gift: Type.Boolean() }) }),
    "gift is new and required",
  ],
  [
    "another rule deep inside",
    placed({
      schema: Type.Object({ ...order, lines: Type.Array(Type.Object({ count: Type.Integer({ minimum: 0 }) })) }),
    }),
    "lines.[].count 'minimum' was 1 and is 0",
  ],
  [
    "a new optional property where older releases refuse what they do not know",
    placed({ schema: Type.Object({ ...order, gift: Type.Optional(Type.Boolean()) }, { additionalProperties: false }) }),
    "'additionalProperties' was absent and is false",
  ],
  ["a target that is left out", placed({ schema: Type.Object(order), targets: ["store"] }), "no longer reaches 'shop'"],
  ["a key", placed({ schema: Type.Object(order), key: () => "k" }), "has a key now"],
])("%s is told, with what to do", (_, event, fault) => {
  expect(faults(event)).toEqual([expect.stringContaining(fault)]);
});

test("a key that is gone and a version that went back are told", () => {
  const keyed = placed({ schema: Type.Object(order), key: () => "k" });
  const second = placed({ version: 2, upcasters: { 1: (data) => data }, schema: Type.Object(order) });

  expect(checkContracts([contractOf(keyed)], [contractOf(released)])).toMatchObject([
    { fault: "lost its key: the order of its events changes. Publish a new event" },
  ]);
  expect(checkContracts([contractOf(second)], [contractOf(released)])[0]).toMatchObject({
    fault: "went back to version 1; versions only grow",
  });
});

test("an event that is gone is told; one that was never released is a draft, and may change", () => {
  expect(checkContracts([contractOf(released)], [])).toMatchObject([{ subject: "shop.place.order" }]);
  expect(checkContracts([], [contractOf(released)])).toEqual([]);
  expect(draftsOf([], [contractOf(released)])).toMatchObject([{ subject: "shop.place.order" }]);
});

test("freezing writes what is new and never writes over what is frozen", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postbox-contracts-"));
  try {
    expect(await freeze([contractOf(released)], folder)).toEqual(["shop.place.order.v1.json"]);
    expect(await freeze([contractOf(placed({ schema: Type.Object({}) }))], folder)).toEqual([]);
    expect(await readFrozen(folder)).toEqual([contractOf(released)]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function placed(
  given: Pick<EventDefinition, "schema"> & Partial<Pick<EventDefinition, "version" | "targets" | "key" | "upcasters">>,
): EventDefinition {
  return defineEvent({ service: "shop", name: "place.order", version: 1, targets: ["shop"], ...given });
}

function without(name: "note"): Omit<typeof order, "note"> {
  const { [name]: _, ...rest } = order;
  return rest;
}

function faults(event: EventDefinition): string[] {
  return checkContracts([contractOf(released)], [contractOf(event)])
    .filter(({ version }) => version === 1)
    .map(({ fault }) => fault);
}
