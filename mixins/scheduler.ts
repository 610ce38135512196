import type { Sequelize } from "sequelize";
import type { ServiceName } from "../libs/config/services.ts";
import type { Models } from "../libs/inbox/handler.ts";
import { builtInJobs } from "../libs/jobs/built-in.ts";
import type { Job } from "../libs/jobs/define-job.ts";
import { Scheduler } from "../libs/jobs/scheduler.ts";
import { mixin } from "../libs/moleculer/service.ts";
import { promoteAll } from "../libs/outbox/promote-scheduled.ts";
import { type Lease, leaseRuntime } from "../libs/runtime/lease.ts";

interface SchedulerFields {
  readonly schedulerLease: Lease<Models>;
  scheduler: Scheduler | undefined;
}

/** Makes a service the scheduler of `name`: it runs its jobs and keeps its outbox moving. */
export function scheduler<M extends Models>(
  name: ServiceName,
  defineModels: (sequelize: Sequelize) => M,
  jobs: readonly Job[],
) {
  return mixin<SchedulerFields>()({
    created() {
      Object.assign(this, { schedulerLease: leaseRuntime(this.broker, name, defineModels), scheduler: undefined });
    },
    async started() {
      await this.schedulerLease.open();
      const { runtime } = this.schedulerLease;
      this.scheduler = new Scheduler(runtime, [...builtInJobs(runtime), ...jobs], (signal) =>
        promoteAll(runtime.database, () => runtime.wakeRelay(), signal),
      );
      await this.scheduler.start();
    },
    async stopped() {
      await this.scheduler?.stop();
      await this.schedulerLease.release();
    },
  });
}
