import type { Sequelize } from "sequelize";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import type { Job } from "../libs/postbox/delivery/jobs/define-job.ts";
import { Scheduler } from "../libs/postbox/delivery/jobs/scheduler.ts";
import { promoteAll } from "../libs/postbox/delivery/outbox/promote-scheduled.ts";
import { builtInJobs } from "../libs/postbox/node/runtime/built-in-jobs.ts";
import { type RuntimeReference, shareRuntime } from "../libs/postbox/node/runtime/shared-runtime.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";

interface SchedulerFields {
  readonly schedulerRuntime: RuntimeReference<Models>;
  scheduler: Scheduler | undefined;
}

/**
 * Makes a service file the scheduler of the service `name`. It runs the given jobs, publishes scheduled events when their
 * time comes, and runs the jobs that every service has: `outbox-resend`, `outbox-expire`, `retention`. Several schedulers
 * of one service share the runs. Jobs that need other models than `defineModels` makes do not compile.
 *
 * ```ts
 * export default service({
 *   name: "users.scheduler",
 *   mixins: [scheduler("users", defineModels, jobs)],
 * });
 * ```
 */
export function scheduler<M extends Models>(
  name: string,
  defineModels: (sequelize: Sequelize) => M,
  jobs: readonly Job<NoInfer<M>>[],
) {
  return mixin<SchedulerFields>()({
    created() {
      Object.assign(this, { schedulerRuntime: shareRuntime(this.broker, name, defineModels), scheduler: undefined });
    },
    async started() {
      await this.schedulerRuntime.open();
      const { runtime } = this.schedulerRuntime;
      this.scheduler = new Scheduler(runtime, [...builtInJobs(runtime), ...jobs], (signal) =>
        promoteAll(runtime.database.as("relay"), () => runtime.wakeRelay(), signal),
      );
      await this.scheduler.start();
    },
    async stopped() {
      await this.scheduler?.stop();
      await this.schedulerRuntime.release();
    },
  });
}
