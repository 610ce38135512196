import { setTimeout as delay } from "node:timers/promises";
import { withCorrelation } from "../../core/correlation/current-correlation.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { FrameLimiter } from "../../core/failures/frame-limiter.ts";
import { faultReason } from "../../postgres/connection/fault.ts";
import { untilAvailable } from "../../postgres/connection/until-available.ts";
import type { Database } from "../../postgres/database.ts";
import { claimAgain } from "./claim-again.ts";
import { claimSlots } from "./claim-slots.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import type { Job, JobRun } from "./define-job.ts";
import { fencedTransaction } from "./fence-run.ts";
import { endOf, type FailedEnd, finishRun } from "./finish-run.ts";
import type { JobDependencies } from "./job-dependencies.ts";
import { renewLeases, renewMs } from "./run-lease.ts";
import { syncJobs } from "./sync-jobs.ts";

/** Milliseconds between two ticks: at each, the scheduler claims the runs that are due. */
const tickMs = 1_000;

/** Milliseconds that `stop` waits for runs that do not end when their signal aborts. */
const stopGraceMs = 5_000;

/** A run whose handler has not ended. */
interface RunInProgress {
  readonly ended: Promise<void>;
  /** Aborts the run's signal and counts the run as failed, whether or not the handler ends. */
  giveUp(error: Error): void;
}

/** Runs the jobs of one service, its own and the built-in ones. Several schedulers of a service share its runs. */
export class Scheduler {
  readonly #dependencies: JobDependencies;
  /** The database for the scheduler's own statements. */
  readonly #database: Database;
  readonly #jobs: ReadonlyMap<string, Job>;
  /** Work of every tick that is too frequent to be a job with a row for each run. */
  readonly #everyTick: (signal: AbortSignal) => Promise<unknown>;
  readonly #stopping = new AbortController();
  readonly #inProgress = new Map<ClaimedRun, RunInProgress>();
  readonly #frames = new FrameLimiter();
  #running: Promise<unknown> | undefined;

  /**
   * @param jobs whatever models they need: the type of the `scheduler` mixin compares those with the service's own.
   * @throws TypeError if two jobs have the same name.
   */
  constructor(
    dependencies: JobDependencies,
    jobs: readonly Job<never>[],
    everyTick: (signal: AbortSignal) => Promise<unknown>,
  ) {
    this.#dependencies = dependencies;
    this.#database = dependencies.database.as("relay");
    this.#everyTick = everyTick;
    this.#jobs = new Map(jobs.map((job) => [job.name, job as Job]));
    if (this.#jobs.size < jobs.length)
      throw new TypeError(`Service '${dependencies.name}' has two jobs of the same name.`);
  }

  async start(): Promise<void> {
    const { logger, name } = this.#dependencies;
    await untilAvailable(() => syncJobs(this.#database, [...this.#jobs.values()]), {
      signal: this.#stopping.signal,
      onWait: (error) => logger.warn(`The jobs of ${name} wait for Postgres: ${faultReason(error)}`),
    });
    this.#running = Promise.all([this.#run(), this.#renewAll()]);
  }

  /** Claims no further run, aborts the running ones and waits up to 5 s for their handlers to end. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The scheduler stops."));
    await this.#running;
    const ended = [...this.#inProgress.values()].map((run) => run.ended);
    await Promise.race([Promise.all(ended), delay(stopGraceMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const beginAll = async (claim: typeof claimSlots) => {
      for (const run of await claim(this.#database, this.#jobs)) this.#begin(run);
    };
    while (!signal.aborted) {
      await this.#step("every-tick", () => this.#everyTick(signal));
      await this.#step("claim-slots", () => beginAll(claimSlots));
      await this.#step("claim-again", () => beginAll(claimAgain));
      await delay(tickMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A step that fails is counted and logged, and does not keep the other steps from running. */
  async #step(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { logger, metrics, name: service } = this.#dependencies;
      metrics.tickFailed(name);
      logger.warn(
        `The step '${name}' of the scheduler of ${service} failed and is repeated at the next tick: ${String(error)}`,
      );
    }
  }

  /** Renews the leases of all running runs. A run that another scheduler has taken over is given up. */
  async #renewAll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(renewMs, undefined, { signal }).catch(() => undefined);
      const runs = [...this.#inProgress.keys()];
      if (runs.length === 0) continue;
      try {
        const renewed = await renewLeases(this.#database, runs);
        for (const run of runs)
          if (!renewed.has(run.id))
            this.#inProgress.get(run)?.giveUp(new Error("Another scheduler has taken this run over."));
      } catch (error) {
        this.#dependencies.logger.warn(
          `The scheduler of ${this.#dependencies.name} could not renew the leases of its runs: ${String(error)}`,
        );
      }
    }
  }

  #begin(run: ClaimedRun): void {
    const ending = new AbortController();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (error: Error) => {
      ending.abort(error);
      givenUp.reject(error);
    };
    const signal = AbortSignal.any([this.#stopping.signal, ending.signal]);
    const ended = this.#execute(run, signal, givenUp.promise, giveUp).finally(() => this.#inProgress.delete(run));
    this.#inProgress.set(run, { ended, giveUp });
  }

  async #execute(
    run: ClaimedRun,
    signal: AbortSignal,
    givenUp: Promise<never>,
    giveUp: RunInProgress["giveUp"],
  ): Promise<void> {
    const { models, outbox, logger, metrics } = this.#dependencies;
    const database = this.#dependencies.database.as("job");
    const { job, slot, attempt } = run;
    const timer = setTimeout(
      () => giveUp(new PostboxError("job-timeout", `Job '${job.name}' took longer than ${job.timeoutMs} ms.`)),
      job.timeoutMs,
    );
    const transaction: JobRun["transaction"] = (work) => fencedTransaction({ outbox, database }, run, work);
    let failure: Error | undefined;
    try {
      const context = { slot, attempt, transaction, database, models, logger, signal };
      const handled = database.bounded(() => withCorrelation(run.id, () => job.handler(context)));
      await Promise.race([handled, givenUp]);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
    }
    const end = endOf(run, failure);
    if (end.status === "failed") this.#logFailure(run, end);
    metrics.jobRun(job.name, end.status);
    await finishRun(this.#database, run, end).catch((error: unknown) => {
      logger.warn(
        `The result of job '${job.name}' could not be written; its lease will end by its time: ${String(error)}`,
      );
    });
  }

  /** A WARN while the run is repeated or its job has further slots; an ERROR once all attempts have failed. */
  #logFailure({ job, slot, attempt }: ClaimedRun, { error, dueInMs }: FailedEnd): void {
    const { logger, name } = this.#dependencies;
    const run = `Job '${job.name}' of ${name} failed for the slot ${slot.toISOString()} at attempt ${attempt}`;
    const text = this.#frames.textOf(error);
    if (dueInMs !== undefined) logger.warn(`${run} and is tried again in ${(dueInMs / 1000).toFixed(1)} s. ${text}`);
    else if (job.persistent || "at" in job.schedule) logger.error(`${run} and is not tried again. ${text}`);
    else logger.warn(`${run}; its next slot is its next try. ${text}`);
  }
}
