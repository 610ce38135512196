import { expect, test } from "@jest/globals";
import { defineJob, type JobDefinition } from "postbox";
import { setup, until } from "postbox/testing";
import { claimAgain } from "./claim-again.ts";
import { claimSlots } from "./claim-slots.ts";
import { renewLeases } from "./run-lease.ts";
import { syncJobs } from "./sync-jobs.ts";

const long: JobDefinition = {
  name: "long",
  schedule: { at: new Date("2026-01-01T00:00:00Z") },
  persistent: true,
  timeoutMs: 15 * 60_000,
  handler: async () => undefined,
};

test("a claim holds for seconds however long its run may take, and is kept by being renewed", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  const job = defineJob(long);
  const jobs = new Map([[job.name, job]]);
  const claim = async () => [...(await claimSlots(database, jobs)), ...(await claimAgain(database, jobs))];
  const left = async () => {
    const { rows } = await database.query<{ seconds: number }>({
      text: "select extract(epoch from lease_until - now())::float8 as seconds from job_run",
    });
    return rows[0]?.seconds ?? Number.NaN;
  };
  await syncJobs(database, [job]);
  const first = await claim();
  expect(first).toHaveLength(1);
  expect(await left()).toBeLessThanOrEqual(10);

  await database.query({ text: "update job_run set lease_until = now() + interval '10 milliseconds'" });
  expect(await renewLeases(database, first)).toEqual(new Set(first.map(({ id }) => id)));
  expect(await left()).toBeGreaterThan(5);
  expect(await claim()).toEqual([]);

  await database.query({ text: "update job_run set lease_until = now()" });
  expect(await claim()).toMatchObject([{ attempt: 2 }]);
  expect(await renewLeases(database, first)).toEqual(new Set());
});

test("who would take a run over whose transaction is just committing waits, and leaves it alone", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  const job = defineJob(long);
  const jobs = new Map([[job.name, job]]);
  await syncJobs(database, [job]);
  const runs = await claimSlots(database, jobs);
  await database.query({ text: "update job_run set lease_until = now()" });
  const waits = async () =>
    (
      await database.detached(() =>
        database.query({
          text: "select from pg_stat_activity where wait_event_type = 'Lock' and query like 'with due as%'",
        }),
      )
    ).rowCount === 1;
  const claiming = await database.transaction(async (tx) => {
    expect(await renewLeases(tx, runs)).toEqual(new Set(runs.map(({ id }) => id)));
    const other = database.detached(() => claimAgain(database, jobs));
    await until(waits, { what: "the other waits for the row" });
    return { other };
  });
  expect(await claiming.other).toEqual([]);
});
