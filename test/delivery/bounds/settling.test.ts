import { expect, test } from "@jest/globals";
import { until } from "../../harness/index.ts";
import { range } from "../ledger.ts";
import { pair, plainHandlers } from "../pair.ts";

test("settling a batch does not read a table of ten thousand events that it has figures of", async () => {
  await using run = await pair([]);
  const { auth } = run;
  await auth.query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status)
      select gen_random_uuid(), 'auth.note', 1, 'users', '{}', 'hash', 'processed' from generate_series(1, 10000)`,
  });
  await auth.query({ text: "analyze event_outbox" });
  await run.startWorker(plainHandlers);
  for (const first of [1, 51, 101]) await run.publish(range(first, first + 49).map((n) => ({ n })));
  await until(async () => (await run.effects()).length === 150, { what: "all are handled" });
  const figures = async () => {
    const { rows } = await auth.query<{ updated: number; read: number }>({
      text: `select n_tup_upd::int as updated, seq_tup_read::int as read from pg_stat_user_tables
        where relname = 'event_outbox'`,
    });
    return rows[0] && rows[0].updated >= 150 ? rows[0] : undefined;
  };
  // A connection tells what it wrote together with what it read for it.
  const { read } = await until(figures, { what: "all are settled" });
  expect(read).toBeLessThan(10_000);
});
