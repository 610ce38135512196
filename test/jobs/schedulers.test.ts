import { expect, test } from "@jest/globals";
import { defineJob, type JobDefinition, service } from "postbox";
import { scheduler } from "postbox/mixins";
import { listJobs, setup, until } from "postbox/testing";

const everySecond = { cron: "* * * * * *" };
const schedulerOf = (jobs: readonly JobDefinition[]) =>
  service({ name: "users.scheduler", mixins: [scheduler("users", () => ({}), jobs.map(defineJob))] });

test("five schedulers run each slot once", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  await database.query({ text: "create table tick (slot timestamptz)" });
  const tick: JobDefinition = {
    name: "tick",
    schedule: everySecond,
    handler: async (run) => {
      await run.database.query({ text: "insert into tick values ($1)", values: [run.slot] });
    },
  };
  await Promise.all([1, 2, 3, 4, 5].map(() => stack.startServices([schedulerOf([tick])])));
  const ticks = async () =>
    (await database.query({ text: "select slot, count(*)::int as runs from tick group by slot order by slot" })).rows;
  await until(async () => (await ticks()).length >= 4, { what: "four slots have run" });
  for (const { runs } of await ticks()) expect(runs).toBe(1);
  const { rows } = await database.query({ text: "select from job_run where job = 'tick' and attempts > 1" });
  expect(rows).toEqual([]);
});

test("a run that overruns its time is aborted and has failed; one that is stopped with its scheduler is told so", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  const reasons = new Map<string, unknown>();
  const waits = (name: string, timeoutMs: number): JobDefinition => ({
    name,
    schedule: everySecond,
    timeoutMs,
    handler: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reasons.set(name, signal.reason);
          reject(signal.reason);
        });
      }),
  });
  const { stop } = await stack.startServices([schedulerOf([waits("short", 50), waits("long", 60_000)])]);
  const status = async (name: string) => (await listJobs(database)).find((job) => job.name === name);
  // It runs again every second, so what is looked at is what was seen then.
  const failed = await until(
    async () => {
      const short = await status("short");
      return short?.last_status === "failed" ? short : undefined;
    },
    { what: "the short one has failed" },
  );
  expect(failed.error_message).toContain("took longer than 50 ms");
  expect(reasons.get("short")).toMatchObject({ type: "job-timeout" });

  await until(async () => (await status("long"))?.last_status === "running", { what: "the long one runs" });
  await stop();
  expect(reasons.get("long")).toMatchObject({ message: "The scheduler stops." });
});
