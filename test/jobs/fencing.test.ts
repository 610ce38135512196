import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { defineJob, type JobDefinition, service } from "postbox";
import { scheduler } from "postbox/mixins";
import { setup, until } from "postbox/testing";
import { failpoint } from "../delivery/faults/failpoint.ts";

const pays: JobDefinition = {
  name: "pays",
  schedule: { at: new Date("2026-01-01T00:00:00Z") },
  persistent: true,
  handler: async () => undefined,
};

for (const [how, timeoutMs] of [
  ["was taken over", 60_000],
  // Time enough to begin in, also on a busy machine.
  ["overran its time", 3_000],
] as const)
  test(`what a run that ${how} wrote in its transaction does not commit, and is told why`, async () => {
    await using stack = await setup();
    const database = stack.database("users");
    await database.query({ text: "create table effect (attempt integer)" });
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const ended = Promise.withResolvers<unknown>();
    const job = defineJob({
      ...pays,
      timeoutMs,
      handler: async ({ attempt, transaction }) => {
        if (attempt > 1) return;
        const work = transaction(async (tx) => {
          await tx.query({ text: "insert into effect values ($1)", values: [attempt] });
          begun.resolve();
          await go.promise;
        });
        ended.resolve(await work.catch((error: unknown) => error));
      },
    });
    await stack.startServices([service({ name: "users.scheduler", mixins: [scheduler("users", () => ({}), [job])] })]);
    await begun.promise;
    // As if this process had stood still and another had claimed the run.
    if (how === "was taken over")
      await database.query({ text: "update job_run set attempts = attempts + 1 where job = 'pays'" });
    else
      await until(
        async () =>
          (await database.query({ text: "select from job_run where job = 'pays' and error_message is not null" }))
            .rowCount === 1,
        { what: "the run has failed" },
      );
    go.resolve();
    expect(await ended.promise).toMatchObject({ type: "run-superseded" });
    expect((await database.query({ text: "select attempt from effect" })).rows).toEqual([]);
  });

test("a scheduler that freezes in the middle of its transaction and wakes leaves the effect to its successor", async () => {
  await using stack = await setup();
  const database = stack.database("users");
  const sql = async (text: string) => (await database.query({ text })).rows;
  await sql("create table effect (attempt integer)");
  await sql("create table ending (attempt integer, ended text)");
  const fixture = join(import.meta.dirname, "fixtures/effects.scheduler.service.ts");
  await using writing = await failpoint(database, "before insert on effect for each row");
  const frozen = await stack.spawnServices([fixture]);
  await writing.reached();
  frozen.signal("SIGSTOP");
  await sql("update job_run set lease_until = now() where job = 'pays'");
  await stack.spawnServices([fixture]);
  await writing.reached(2);
  await writing.lift();
  await until(async () => (await sql("select from ending")).length === 1, { what: "it is done" });
  frozen.signal("SIGCONT");
  await until(async () => (await sql("select from ending")).length === 2, { what: "both ended" });
  expect(await sql("select attempt from effect")).toEqual([{ attempt: 2 }]);
  const endings = await sql("select attempt, ended from ending order by attempt");
  expect(endings).toEqual([
    { attempt: 1, ended: expect.not.stringContaining("committed") },
    { attempt: 2, ended: "committed" },
  ]);
});
