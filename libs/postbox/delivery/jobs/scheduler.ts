import { setTimeout as delay } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { claimAgain, claimSlots } from "./claim-runs.ts";
import type { ClaimedRun } from "./claimed-run.ts";
import type { Job, JobRun } from "./define-job.ts";
import { fencedTransaction } from "./fence-run.ts";
import { finishRun } from "./finish-run.ts";
import type { JobHost } from "./job-host.ts";
import { renewLeases, renewMs } from "./run-lease.ts";
import { syncJobs } from "./sync-jobs.ts";

/** Milliseconds between two looks for what is due. */
const tickMs = 1_000;

/** How long a stop waits for runs that do not heed their signal, in milliseconds. */
const stopGraceMs = 5_000;

/** A run that goes on. */
interface RunInProgress {
  readonly ended: Promise<void>;
  /** Aborts its signal, and waits for it no longer. */
  giveUp(error: Error): void;
}

/** Runs the jobs of one service: those of its `jobs.ts` and the built-in ones. */
export class Scheduler {
  readonly #runtime: JobHost;
  readonly #jobs: ReadonlyMap<string, Job>;
  /** What is done at every tick, beside the jobs: it needs no row for each time. */
  readonly #everyTick: (signal: AbortSignal) => Promise<unknown>;
  readonly #stopping = new AbortController();
  readonly #inProgress = new Map<ClaimedRun, RunInProgress>();
  #running: Promise<unknown> | undefined;

  /** @throws TypeError for two jobs of one name. */
  constructor(runtime: JobHost, jobs: readonly Job[], everyTick: (signal: AbortSignal) => Promise<unknown>) {
    this.#runtime = runtime;
    this.#everyTick = everyTick;
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    if (this.#jobs.size < jobs.length) throw new TypeError(`Service '${runtime.name}' has two jobs of one name.`);
  }

  async start(): Promise<void> {
    await syncJobs(this.#runtime.database, [...this.#jobs.values()]);
    this.#running = Promise.all([this.#run(), this.#keepLeases()]);
  }

  /** Takes no further run; those under way are aborted, and waited for a while: a run that goes on has failed. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The scheduler stops."));
    await this.#running;
    const ended = [...this.#inProgress.values()].map((one) => one.ended);
    await Promise.race([Promise.all(ended), delay(stopGraceMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const beginAll = async (claim: typeof claimSlots) => {
      for (const run of await claim(this.#runtime.database, this.#jobs)) this.#begin(run);
    };
    while (!signal.aborted) {
      await this.#step("every-tick", () => this.#everyTick(signal));
      await this.#step("claim-slots", () => beginAll(claimSlots));
      await this.#step("claim-again", () => beginAll(claimAgain));
      await delay(tickMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One that fails is told of, and keeps none of the others from its turn. */
  async #step(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { logger, metrics, name: service } = this.#runtime;
      metrics.tickFailed(name);
      logger.warn(`The step '${name}' of the scheduler of ${service} failed, and comes again: ${String(error)}`);
    }
  }

  /** Says at intervals that the runs under way go on; one that another scheduler has taken over meanwhile is ended. */
  async #keepLeases(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(renewMs, undefined, { signal }).catch(() => undefined);
      const runs = [...this.#inProgress.keys()];
      if (runs.length === 0) continue;
      try {
        const own = await renewLeases(this.#runtime.database, runs);
        for (const run of runs)
          if (!own.has(run.id))
            this.#inProgress.get(run)?.giveUp(new Error("Another scheduler has taken this run over."));
      } catch (error) {
        this.#runtime.logger.warn(`The scheduler of ${this.#runtime.name} may lose its runs: ${String(error)}`);
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
    const { database, models, outbox, logger, metrics } = this.#runtime;
    const { job, slot, attempt } = run;
    const timer = setTimeout(
      () => giveUp(new PostboxError("job-timeout", `Job '${job.name}' took longer than ${job.timeoutMs} ms.`)),
      job.timeoutMs,
    );
    const enqueue = outbox.enqueue.bind(outbox);
    const transaction: JobRun["transaction"] = (work) => fencedTransaction(database, run, work);
    let failure: Error | undefined;
    try {
      const context = { slot, attempt, transaction, database, models, enqueue, logger, signal };
      await Promise.race([job.handler(context), givenUp]);
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
