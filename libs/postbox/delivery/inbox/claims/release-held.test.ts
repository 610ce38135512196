import { expect, test } from "@jest/globals";
import { defineOpenEvent, handle } from "postbox";
import { Type } from "typebox";
import { noted, writeEffect } from "../../../../../test/delivery/example-events.ts";
import { manualDelivery } from "../../../../../test/delivery/semantics/manual-delivery.ts";
import { HandlerTable } from "../handlers/handler-table.ts";
import { releaseAll } from "./release-held.ts";

test("held events are released by 500 a statement, until none is left that is known", async () => {
  const { users } = await manualDelivery();
  const hold = (version: number, count: number, type = noted.subject) =>
    users.query({
      text: `insert into event_inbox (id, source, event_type, version, payload_hash, data, headers, status, occurred_at)
        select uuidv7(), 'auth', $1, $2, 'hash', '{}', '{}', 'held', now() from generate_series(1, $3::int)`,
      values: [type, version, count],
    });
  await hold(1, 1_000);
  await hold(2, 3);
  await hold(1, 200, "orders.request.mail");
  await hold(2, 3, "orders.request.mail");
  await users.query({ text: "create table release (count integer)" });
  await users.query({
    text: `create function note_release() returns trigger language plpgsql as $$
      begin
        insert into release select count(*) from released;
        return null;
      end $$`,
  });
  await users.query({
    text: `create trigger note_release after update on event_inbox referencing new table as released
      for each statement execute function note_release()`,
  });
  const open = defineOpenEvent({ name: "request.mail", version: 1, targets: ["users"], schema: Type.Object({}) });
  const handlers = new HandlerTable("users", [handle(noted, writeEffect), handle(open.fromAny, async () => {})]);
  expect(await releaseAll(users, handlers, new AbortController().signal)).toBe(1_200);
  const { rows } = await users.query<{ count: number }>({ text: "select count from release" });
  expect(rows.map(({ count }) => count)).toEqual([500, 500, 200]);
});
