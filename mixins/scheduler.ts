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

/** Makes a service the scheduler of `name`: it runs its jobs and keeps its outbox moving. */
export function scheduler<M extends Models>(
  name: string,
  defineModels: (sequelize: Sequelize) => M,
  jobs: readonly Job[],
) {
  return mixin<SchedulerFields>()({
    created() {
      Object.assign(this, { schedulerRuntime: shareRuntime(this.broker, name, defineModels), scheduler: undefined });
    },
    async started() {
      await this.schedulerRuntime.open();
      const { runtime } = this.schedulerRuntime;
      this.scheduler = new Scheduler(runtime, [...builtInJobs(runtime), ...jobs], (signal) =>
        promoteAll(runtime.database, () => runtime.wakeRelay(), signal),
      );
      await this.scheduler.start();
    },
    async stopped() {
      await this.scheduler?.stop();
      await this.schedulerRuntime.release();
    },
  });
}
