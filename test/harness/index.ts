/**
 * `postbox/testing`: what a test of a service's behaviour is written with. It runs on a real Postgres and a real
 * nats-server, of which each test has databases and a store of its own.
 *
 * ```ts
 * test("a registered user gets a mail", async () => {
 *   await using stack = await setup();
 *   const { gateway } = await stack.startServices(["gateway", "auth", "emails.worker"]);
 *   …
 *   await stack.settle();
 *   expect(await stack.outbox("auth")).toEqual({ processed: 1 });
 * });
 * ```
 */

export { runJobNow } from "../../libs/postbox/delivery/operations/change-job.ts";
export { listJobs } from "../../libs/postbox/delivery/operations/list-jobs.ts";
export { resolveDeadLetters } from "../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
export type { WaitUntilHandledOptions as SettleOptions } from "../../libs/postbox/delivery/operations/wait-until-handled.ts";
export type { Route } from "../../libs/postbox/edge/routes/route.ts";
export type { ServiceRuntime } from "../../libs/postbox/node/runtime/service-runtime.ts";
export { freePort } from "../../libs/postbox/tools/stack/process/free-port.ts";
export { type UntilOptions, until } from "../../libs/postbox/tools/stack/wait/until.ts";
export { earlyEnoughInTheHour } from "./clock.ts";
export type { LocalServices } from "./local-services.ts";
export { metricValue } from "./metric-value.ts";
export type { TestNats } from "./nats.ts";
export { type FaultyLink, type Line, startProxy } from "./proxy.ts";
export { runFolder } from "./run.ts";
export type { ServiceChoice } from "./service-file.ts";
export { type SetupOptions, setup, type TestStack } from "./setup.ts";
export type { SpawnedServices, SpawnOptions } from "./spawned-services.ts";
export { type Statuses, statuses } from "./statuses.ts";
