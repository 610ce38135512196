import { expect, jest, test } from "@jest/globals";
import { until } from "postbox/testing";
import { deadlyText, keyed } from "../example-events.ts";
import { deployment, fixture, keepAlive } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("an event that is in hand whenever a new one ends its process is processed", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await run.startPublisher();
  const file = fixture("external.worker");
  const worker = await keepAlive(
    () => run.stack.spawnServices([file], { waitUntilReady: false }),
    // The leases of what ran when the process ended are over; Postgres may still be at its last statement.
    () =>
      users.query({
        text: `update event_inbox set next_attempt_at = now()
          where id in (select id from event_inbox where started_at is not null for update skip locked)`,
      }),
  );
  const innocent = async () => {
    const { rows } = await users.query<{ status: string; crashes: number; begun: boolean }>({
      text: `select status, crashes, started_at is not null as begun from event_inbox where event_type = $1`,
      values: [keyed.subject],
    });
    return rows[0];
  };
  await ledger.commit([{ event: keyed, n: 1 }]);
  for (let n = 2; n <= 4; n++) {
    const before = await until(
      async () => {
        const row = await innocent();
        return row?.begun || row?.status === "processed" || row?.status === "dead" ? row : undefined;
      },
      { what: "it is in hand or at its end" },
    );
    if (before.status !== "failed") break;
    await ledger.commit([{ n, text: deadlyText }]);
    await until(
      async () => {
        const row = await innocent();
        return row !== undefined && (row.crashes > before.crashes || row.status !== "failed");
      },
      { what: "its process has ended and it is in hand again, or it is at its end" },
    );
  }
  await until(async () => (await innocent())?.status !== "failed", { what: "it is at its end" });
  await worker.stop();
  expect(await innocent()).toMatchObject({ status: "processed" });
  expect(await ledger.imbalance()).toMatchObject({ doubled: [] });
});
