import { expect, test } from "@jest/globals";
import { defineJob, service } from "postbox";
import { store } from "postbox/mixins";
import { setup, until } from "postbox/testing";
import { shareRuntime } from "../../node/runtime/shared-runtime.ts";
import { Scheduler } from "./scheduler.ts";

const everySecond = { cron: "* * * * * *" };

test("jobs run although what is done at every tick fails, and that is counted", async () => {
  await using stack = await setup();
  const { broker, metrics } = await stack.startServices([
    service({ name: "users", mixins: [store("users", () => ({}))] }),
  ]);
  const { runtime, release } = shareRuntime(broker, "users", () => ({}));
  const slots: Date[] = [];
  const tick = defineJob({ name: "tick", schedule: everySecond, handler: async ({ slot }) => void slots.push(slot) });
  const running = new Scheduler(runtime, [tick], () => Promise.reject(new Error("One event cannot be promoted.")));
  await running.start();
  await until(() => slots.length >= 2, { what: "two slots have run" });
  const page = await (await fetch(`${metrics}/metrics`)).text();
  expect(page).toMatch(/postbox_scheduler_failures_total{service="users",step="every-tick"} [1-9]/);
  await running.stop();
  await release();
});

test("two jobs of one name are refused", async () => {
  await using stack = await setup();
  const { broker } = await stack.startServices([service({ name: "users", mixins: [store("users", () => ({}))] })]);
  const { runtime, release } = shareRuntime(broker, "users", () => ({}));
  const job = defineJob({ name: "tidy", schedule: everySecond, handler: async () => undefined });
  expect(() => new Scheduler(runtime, [job, job], async () => undefined)).toThrow("has two jobs of the same name");
  await release();
});
