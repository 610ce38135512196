import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Database, defineJob, type Job, type JobDefinition } from "postbox";
import { earlyEnoughInTheHour, setup, type TestStack } from "postbox/testing";
import { pauseJob, resumeJob, runJobNow } from "../operations/change-job.ts";
import { listJobs } from "../operations/list-jobs.ts";
import { claimAgain } from "./claim-again.ts";
import { claimSlots } from "./claim-slots.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import { endOf, finishRun } from "./finish-run.ts";
import { syncJobs } from "./sync-jobs.ts";

let stack: TestStack;
let database: Database;
beforeAll(async () => {
  stack = await setup();
  database = stack.database("users");
});
beforeEach(async () => {
  await earlyEnoughInTheHour();
  await database.query({ text: "truncate job, job_run, operator_action" });
});
afterAll(() => stack.stop());

const job = (changes: Partial<JobDefinition> = {}) =>
  defineJob({ name: "tidy", schedule: { cron: "0 3 * * *" }, handler: async () => undefined, ...changes });
const claim = async (...jobs: Job[]) => {
  const byName = new Map(jobs.map((one) => [one.name, one]));
  return [...(await claimSlots(database, byName)), ...(await claimAgain(database, byName))];
};
const sql = async (text: string) => (await database.query({ text })).rows;
/** The job's next slot was this long ago. */
const dueSince = (interval: string) =>
  sql(`update job set next_slot = date_trunc('second', now()) - interval '${interval}'`);
/** The runs, with the first line of their errors. */
const statuses = async () =>
  (await sql(
    "select status, attempts, split_part(error_message, chr(10), 1) as error_message from job_run order by slot",
  )) as object[];
const finish = (run: ClaimedRun, error?: Error) => finishRun(database, run, endOf(run, error));
const only = ([run]: readonly ClaimedRun[]): ClaimedRun => {
  if (run === undefined) throw new Error("Nothing was claimed.");
  return run;
};

test("a job that is due is claimed once, by one of five schedulers, slot after slot", async () => {
  const every = job({ schedule: { cron: "* * * * *" } });
  await syncJobs(database, [every]);
  for (let slot = 1; slot <= 20; slot++) {
    await dueSince(`${slot} milliseconds`);
    const claims = await Promise.all([1, 2, 3, 4, 5].map(() => claim(every)));
    expect(claims.flat()).toHaveLength(1);
    await finish(only(claims.flat()));
  }
});

test("a job that is not due is not claimed, and after its slot it waits for the next one", async () => {
  const daily = job();
  await syncJobs(database, [daily]);
  expect(await claim(daily)).toEqual([]);
  await dueSince("1 second");
  expect(only(await claim(daily))).toMatchObject({ attempt: 1 });
  expect(await claim(daily)).toEqual([]);
  expect(await sql("select next_slot > now() as later from job")).toEqual([{ later: true }]);
});

test("a slot that comes while an earlier run goes on is skipped, or runs beside it", async () => {
  for (const overlap of ["skip", "allow"] as const) {
    await sql("truncate job, job_run");
    const slow = job({ overlap });
    await syncJobs(database, [slow]);
    await dueSince("2 seconds");
    expect(await claim(slow)).toHaveLength(1);
    await dueSince("1 second");
    expect(await claim(slow)).toHaveLength(overlap === "skip" ? 0 : 1);
    expect((await statuses()).map((run) => Reflect.get(run, "status"))).toEqual([
      "running",
      overlap === "skip" ? "skipped" : "running",
    ]);
  }
});

test("retries wait for an earlier run of their job to end, and for each other, unless they may overlap", async () => {
  for (const overlap of ["skip", "allow"] as const) {
    await sql("truncate job, job_run");
    const keen = job({ persistent: true, overlap });
    await syncJobs(database, [keen]);
    const fail = async (interval: string) => {
      await dueSince(interval);
      await finish(only(await claim(keen)), new Error("not now"));
      // Its wait, which may be none, is not over before the others have begun.
      await sql("update job_run set next_attempt_at = now() + interval '1 hour' where status = 'failed'");
    };
    await fail("3 seconds");
    await fail("2 seconds");
    await dueSince("1 second");
    const goesOn = only(await claim(keen));
    await sql("update job_run set next_attempt_at = now() where status = 'failed'");
    const beside = (await Promise.all([1, 2, 3].map(() => claim(keen)))).flat();
    expect(beside).toHaveLength(overlap === "skip" ? 0 : 2);
    await finish(goesOn);
    if (overlap === "allow") continue;
    const slots: Date[] = [];
    for (let retry = 1; retry <= 2; retry++) {
      const run = only((await Promise.all([1, 2, 3].map(() => claim(keen)))).flat());
      expect(run).toMatchObject({ attempt: 2 });
      slots.push(run.slot);
      await finish(run);
    }
    expect(slots).toEqual(slots.toSorted((a, b) => a.getTime() - b.getTime()));
  }
});

test("run now leaves out none of the slots that the misfire policy 'all' has still to run", async () => {
  const hourly = job({ schedule: { cron: "0 * * * *" }, misfire: "all" });
  await syncJobs(database, [hourly]);
  await sql("update job set next_slot = date_trunc('hour', now()) - interval '2 hours'");
  await runJobNow(database, "tidy", "ada");
  const slots: number[] = [];
  for (let run = 1; run <= 4; run++) {
    const claimed = only(await claim(hourly));
    slots.push(claimed.slot.getTime());
    await finish(claimed);
  }
  expect(await claim(hourly)).toEqual([]);
  const [now, ...missed] = slots;
  expect(missed.map((slot) => slot % 3_600_000)).toEqual([0, 0, 0]);
  expect(Number(now)).toBeGreaterThanOrEqual(Math.max(...missed));
  expect(await sql("select next_slot > now() as later, requested_at from job")).toEqual([
    { later: true, requested_at: null },
  ]);
});

test("a run that failed with an error which no text column takes has failed, with the rest of the text", async () => {
  await syncJobs(database, [job()]);
  await dueSince("1 second");
  await finish(only(await claim(job())), new Error("bad \0 text"));
  expect(await statuses()).toEqual([{ status: "failed", attempts: 1, error_message: "Error: bad  text" }]);
});

test("with the misfire policy 'all' each missed slot runs, one after the other", async () => {
  const hourly = job({ schedule: { cron: "0 * * * *" }, misfire: "all" });
  await syncJobs(database, [hourly]);
  await sql("update job set next_slot = date_trunc('hour', now()) - interval '2 hours'");
  const slots: Date[] = [];
  for (let run = 1; run <= 3; run++) {
    const claimed = only(await claim(hourly));
    expect(await claim(hourly)).toEqual([]);
    slots.push(claimed.slot);
    await finish(claimed);
  }
  expect(await claim(hourly)).toEqual([]);
  const [first, second, third] = slots.map((slot) => slot.getTime());
  expect([Number(second) - Number(first), Number(third) - Number(second)]).toEqual([3_600_000, 3_600_000]);
});

test("with the misfire policy 'all' and overlapping runs, missed slots begin together", async () => {
  const hourly = job({ schedule: { cron: "0 * * * *" }, misfire: "all", overlap: "allow" });
  await syncJobs(database, [hourly]);
  await sql("update job set next_slot = date_trunc('hour', now()) - interval '30 hours'");
  expect(await claim(hourly)).toHaveLength(20);
  expect(await claim(hourly)).toHaveLength(11);
  expect(await claim(hourly)).toEqual([]);
});

test("a failed run of a persistent job runs again until its last attempt; of another job it has failed for good", async () => {
  const keen = job({ persistent: true, maxAttempts: 3 });
  const plain = job({ name: "plain" });
  await syncJobs(database, [keen, plain]);
  await dueSince("1 second");
  let runs = await claim(keen, plain);
  expect(runs).toHaveLength(2);
  for (let attempt = 1; attempt <= 3; attempt++) {
    for (const run of runs) await finish(run, new Error("no"));
    await sql("update job_run set next_attempt_at = now() where next_attempt_at is not null");
    runs = await claim(keen, plain);
    expect(runs.map(({ job: { name }, attempt: next }) => [name, next])).toEqual(
      attempt < 3 ? [["tidy", attempt + 1]] : [],
    );
  }
  const failed = (attempts: number) => ({ status: "failed", attempts, error_message: "Error: no" });
  expect((await statuses()).toSorted((a, b) => Reflect.get(a, "attempts") - Reflect.get(b, "attempts"))).toEqual([
    failed(1),
    failed(3),
  ]);
});

test("a persistent run whose scheduler is gone is run by another, up to its last attempt; another such run has failed", async () => {
  const keen = job({ persistent: true, maxAttempts: 2 });
  const plain = job({ name: "plain" });
  const schedulerGone = () => sql("update job_run set lease_until = now() where status = 'running'");
  await syncJobs(database, [keen, plain]);
  await dueSince("1 second");
  const [first] = (await claim(keen, plain)).filter((run) => run.job === keen);
  expect(await claim(keen, plain)).toEqual([]);
  await schedulerGone();
  const claims = (await Promise.all([claim(keen, plain), claim(keen, plain)])).flat();
  expect(claims).toMatchObject([{ job: { name: "tidy" }, attempt: 2 }]);
  // The first scheduler was frozen, not gone: what it says now counts no more.
  if (first) await finish(first, new Error("late"));
  expect(await sql("select status from job_run where job = 'tidy'")).toEqual([{ status: "running" }]);

  await schedulerGone();
  expect(await claim(keen, plain)).toEqual([]);
  const gone = { status: "failed", error_message: "The scheduler was gone before the run ended." };
  expect(await statuses()).toEqual([expect.objectContaining(gone), expect.objectContaining(gone)]);
});

test("a job that is no longer in code is disabled, and begins anew when it comes back", async () => {
  const [stays, goes] = [job(), job({ name: "goes", persistent: true })];
  await syncJobs(database, [stays, goes]);
  await dueSince("1 day");
  for (const run of await claim(stays, goes)) await finish(run, new Error("no"));
  await sql("update job_run set next_attempt_at = now() where next_attempt_at is not null");
  // Whatever the time of day, the next slot is another one.
  await sql("update job_run set slot = slot - interval '1 day'");
  await dueSince("1 hour");
  await syncJobs(database, [stays]);
  expect((await listJobs(database)).map(({ name, state }) => [name, state])).toEqual([
    ["goes", "not in code any more"],
    ["tidy", "waiting"],
  ]);
  expect((await claim(stays, goes)).map((run) => run.job.name)).toEqual(["tidy"]);

  await syncJobs(database, [stays, goes]);
  expect(await sql("select next_slot > now() as later from job where name = 'goes'")).toEqual([{ later: true }]);
});

test("a restart keeps a job's next slot; another schedule begins anew", async () => {
  await syncJobs(database, [job()]);
  await dueSince("1 hour");
  const before = await sql("select next_slot from job");
  await syncJobs(database, [job()]);
  expect(await sql("select next_slot from job")).toEqual(before);
  await syncJobs(database, [job({ schedule: { cron: "0 4 * * *" } })]);
  expect(await sql("select schedule, next_slot > now() as later from job")).toEqual([
    { schedule: "0 4 * * *", later: true },
  ]);
});

test("a job for one time runs once, also when that time passed while no scheduler ran", async () => {
  const once = job({ schedule: { at: new Date("2026-01-01T00:00:00Z") } });
  await syncJobs(database, [once]);
  await finish(only(await claim(once)));
  await syncJobs(database, [once]);
  expect(await claim(once)).toEqual([]);
  expect(await statuses()).toEqual([{ status: "done", attempts: 1, error_message: null }]);
});

test("a paused job begins no run and no retry; resumed, it goes on; run now, it runs at the next tick", async () => {
  const keen = job({ persistent: true });
  await syncJobs(database, [keen]);
  await runJobNow(database, "tidy", "ada");
  await finish(only(await claim(keen)), new Error("no"));
  await sql("update job_run set next_attempt_at = now()");
  await dueSince("1 second");
  await pauseJob(database, "tidy", "ada");
  expect(await claim(keen)).toEqual([]);
  await expect(runJobNow(database, "tidy", "ada")).rejects.toMatchObject({ type: "job-state" });
  await resumeJob(database, "tidy", "bob");
  for (const attempt of [1, 2]) {
    const run = only(await claim(keen));
    expect(run).toMatchObject({ attempt });
    await finish(run);
  }
  expect(await sql("select actor, action, subject from operator_action order by at")).toEqual([
    { actor: "ada", action: "job.run", subject: "tidy" },
    { actor: "ada", action: "job.pause", subject: "tidy" },
    { actor: "bob", action: "job.resume", subject: "tidy" },
  ]);
});
