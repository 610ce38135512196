import { expect, test } from "@jest/globals";
import { handle } from "postbox";
import { showReceived } from "../../../libs/postbox/delivery/operations/show-received.ts";
import { keyed, noted } from "../example-events.ts";
import { manualDelivery } from "./manual-delivery.ts";

const here = "test/delivery/semantics/failure-log.test.ts";

test("a failed run is logged with event, key, attempt, next try and the handler's line, and so is the death", async () => {
  const at = await manualDelivery();
  const outOfStock = handle(
    keyed,
    async function reserve() {
      throw new Error("out of stock\nsince noon");
    },
    { maxAttempts: 2 },
  );
  const worker = at.worker([outOfStock]);
  await at.commit([{ event: keyed, key: "item 7", n: 1 }]);
  await at.carry(worker);
  await at.runDue(worker);

  const [failed, dead, ...others] = at.logged;
  expect(others).toEqual([]);
  const event = /^Event [0-9a-f-]{36} \(auth\.keyed from auth, key "item 7"\)/.source;
  expect(failed).toMatch(new RegExp(`${event} failed at attempt 1 and is tried again in \\d\\.\\d s\\. Error: out of`));
  expect(failed).toMatch(new RegExp(`stock since noon\n    at .*reserve.* \\(${here}:\\d+:\\d+\\)`));
  expect(dead).toMatch(new RegExp(`${event} is dead at attempt 2\\. Error: out of stock since noon`));

  const { rows } = await at.auth.query<{ id: string; error_message: string }>({
    text: "select id, error_message from event_outbox where status = 'dead'",
  });
  expect(rows).toMatchObject([{ error_message: "Error: out of stock since noon" }]);
  const row = await showReceived(at.users, rows[0]?.id ?? "");
  expect(row.error_message).toMatch(new RegExp(`^Error: out of stock since noon\n    at .*${here}:\\d+:\\d+`));
});

test("of events that fail alike, each has its line and the first one alone has frames", async () => {
  const at = await manualDelivery();
  const refuse = handle(noted, async ({ data }) => {
    throw new Error(`no ${data.n}`);
  });
  await at.commit(Array.from({ length: 100 }, (_, n) => ({ n })));
  await at.carry(at.worker([refuse]));
  expect(at.logged).toHaveLength(100);
  expect(at.logged.filter((line) => line.includes("\n"))).toEqual([expect.stringContaining(`(${here}:`)]);
});
