import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { defineJob, type JobDefinition, service } from "postbox";
import { scheduler } from "postbox/mixins";
import { setup, until } from "postbox/testing";

const long: JobDefinition = {
  name: "long",
  schedule: { at: new Date(Date.now() - 1_000) },
  persistent: true,
  timeoutMs: 15 * 60_000,
  handler: async () => undefined,
};

test("a scheduler keeps its runs, and a run that was taken over is told so and ends", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  const signals: AbortSignal[] = [];
  const job = defineJob({
    ...long,
    handler: async ({ signal }) => {
      signals.push(signal);
      await new Promise(() => undefined);
    },
  });
  await stack.startServices([service({ name: "users.scheduler", mixins: [scheduler("users", () => ({}), [job])] })]);
  await until(() => signals.length === 1, { what: "it runs" });
  await database.query({ text: "update job_run set lease_until = now() + interval '8 seconds' where job = 'long'" });
  await until(
    async () =>
      (
        await database.query({
          text: "select from job_run where job = 'long' and lease_until > now() + interval '8 seconds'",
        })
      ).rowCount === 1,
    { what: "its lease is renewed" },
  );
  expect(signals).toHaveLength(1);
  // As if this process had been frozen and another had claimed the run.
  await database.query({ text: "update job_run set attempts = attempts + 1 where job = 'long'" });
  await until(() => signals[0]?.aborted, { what: "it is told" });
  expect(signals[0]?.reason).toMatchObject({ message: "Another scheduler has taken this run over." });
});

test("what a killed scheduler ran is taken over in less than 15 seconds", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  await database.query({ text: "create table begun (pid integer, attempt integer)" });
  const fixture = join(import.meta.dirname, "fixtures/hanging.scheduler.service.ts");
  const begun = async () =>
    (
      await database.query<{ pid: number; attempt: number }>({
        text: "select pid, attempt from begun order by attempt",
      })
    ).rows;
  const processes = await Promise.all([1, 2].map(() => stack.spawnServices([fixture])));
  await until(async () => (await begun()).length === 1, { what: "one of them runs it" });
  const [first] = await begun();
  const leader = processes.find(({ pid }) => pid === first?.pid);
  leader?.signal("SIGKILL");
  await leader?.ended;
  await until(async () => (await begun()).length === 2, { deadlineMs: 15_000, what: "the other runs it" });
  const [, second] = await begun();
  expect(second).toMatchObject({ attempt: 2 });
  expect(second?.pid).not.toBe(first?.pid);
});
