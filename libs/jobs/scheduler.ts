import { setTimeout as delay } from "node:timers/promises";
import { PostboxError } from "../errors/postbox-error.ts";
import type { ServiceRuntime } from "../runtime/service-runtime.ts";
import { type ClaimedRun, claimRuns } from "./claim-runs.ts";
import type { Job } from "./define-job.ts";
import { finishRun } from "./finish-run.ts";
import { syncJobs } from "./sync-jobs.ts";

/** Milliseconds between two looks for what is due. */
const tickMs = 1_000;

/** How long a stop waits for runs that do not heed their signal, in milliseconds. */
const stopGraceMs = 5_000;

/** Runs the jobs of one service: those of its `jobs.ts` and the built-in ones. */
export class Scheduler {
  readonly #runtime: ServiceRuntime;
  readonly #jobs: ReadonlyMap<string, Job>;
  /** What is done at every tick, beside the jobs: it needs no row for each time. */
  readonly #everyTick: (signal: AbortSignal) => Promise<unknown>;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> | undefined;

  /** @throws TypeError for two jobs of one name. */
  constructor(runtime: ServiceRuntime, jobs: readonly Job[], everyTick: (signal: AbortSignal) => Promise<unknown>) {
    this.#runtime = runtime;
    this.#everyTick = everyTick;
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    if (this.#jobs.size < jobs.length) throw new TypeError(`Service '${runtime.name}' has two jobs of one name.`);
  }

  async start(): Promise<void> {
    await syncJobs(this.#runtime.database, [...this.#jobs.values()]);
    this.#running = this.#run();
  }

  /** Takes no further run; those under way are aborted, and waited for a while: a run that goes on has failed. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The scheduler stops."));
    await this.#running;
    await Promise.race([Promise.all(this.#underWay), delay(stopGraceMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#everyTick(signal);
        for (const run of await claimRuns(this.#runtime.database, this.#jobs)) {
          const running = this.#execute(run);
          this.#underWay.add(running);
          void running.finally(() => this.#underWay.delete(running));
        }
      } catch (error) {
        this.#runtime.logger.warn(`The scheduler of ${this.#runtime.name} waits: ${String(error)}`);
      }
      await delay(tickMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #execute(run: ClaimedRun): Promise<void> {
    const { database, models, outbox, logger, metrics } = this.#runtime;
    const { job, slot, attempt } = run;
    const timeout = Promise.withResolvers<never>();
    const ending = new AbortController();
    const timer = setTimeout(() => {
      const error = new PostboxError("job-timeout", `Job '${job.name}' took longer than ${job.timeoutMs} ms.`);
      ending.abort(error);
      timeout.reject(error);
    }, job.timeoutMs);
    const signal = AbortSignal.any([this.#stopping.signal, ending.signal]);
    const enqueue = outbox.enqueue.bind(outbox);
    let failure: Error | undefined;
    try {
      await Promise.race([job.handler({ slot, attempt, database, models, enqueue, logger, signal }), timeout.promise]);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      logger.warn(`Job '${job.name}' of ${this.#runtime.name} failed (attempt ${attempt}): ${String(error)}`);
    } finally {
      clearTimeout(timer);
    }
    metrics.jobRun(job.name, failure ? "failed" : "done");
    await finishRun(database, run, failure).catch((error: unknown) => {
      logger.warn(`How job '${job.name}' ended could not be written; its lease will end: ${String(error)}`);
    });
  }
}
