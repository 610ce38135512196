import { Cron } from "croner";
import type { Logger } from "moleculer";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { Models } from "../inbox/handlers/handler.ts";
import type { Outbox } from "../outbox/outbox.ts";

/** When a job runs: by a cron pattern (5 fields, or 6 with seconds first) in a time zone (default UTC), or once. */
export type Schedule = { readonly cron: string; readonly timeZone?: string } | { readonly at: Date };

/**
 * What happens to slots that passed while no scheduler ran: none is made up for, the latest one, or each of them.
 * A slot counts as missed when it is looked at more than a minute late. With `all`, none is ever left out.
 */
export type Misfire = "skip" | "once" | "all";

/**
 * What happens to a slot that comes while an earlier run goes on: it is skipped, or runs beside it. With the misfire
 * policy `all` it is not skipped but waits until that run has ended.
 */
export type Overlap = "skip" | "allow";

/**
 * What a job's handler works with.
 *
 * A persistent run is run again when its process has ended, perhaps just after a COMMIT, and while one whose scheduler
 * stands still may still wake. So a job does the same when it is done twice for one `slot`: it deletes, upserts, or inserts
 * under a key that is made of the slot; and what may not come late, it does in `transaction`.
 */
export interface JobRun<M extends Models = Models> {
  /** The time that this run stands for. */
  readonly slot: Date;
  /** From 1; more when an earlier attempt failed. */
  readonly attempt: number;
  /**
   * A transaction that models, statements and `enqueue` join, and that commits only while this run is its scheduler's.
   *
   * @throws PostboxError `run-superseded` when the run has been taken over, or has overrun its time.
   */
  readonly transaction: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** What it does by itself commits at once, however late. */
  readonly database: Database;
  readonly models: M;
  readonly enqueue: Outbox["enqueue"];
  readonly logger: Logger;
  /** Aborts when the time is over or the scheduler stops. */
  readonly signal: AbortSignal;
}

export interface JobDefinition<M extends Models = Models> {
  /** Unique in its service: letters, digits and `-`. */
  readonly name: string;
  readonly schedule: Schedule;
  readonly handler: (run: JobRun<M>) => Promise<void>;
  /** True: a run that failed or was cut off is run again, with backoff, up to `maxAttempts`. Default false. */
  readonly persistent?: boolean;
  /** Default `once`. */
  readonly misfire?: Misfire;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /** Milliseconds that one run may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** Attempts of a persistent run. Default 10. */
  readonly maxAttempts?: number;
}

/** A job with all defaults filled in. */
export type Job = Required<JobDefinition>;

/**
 * Fills the defaults of a job and checks it.
 *
 * @throws TypeError for a name that is ill-formed, or a cron pattern or time zone that is none.
 */
export function defineJob<M extends Models>(definition: JobDefinition<M>): Job {
  const { name, schedule } = definition;
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new TypeError(`Job '${name}': a name has lowercase letters, digits and '-', a letter first.`);
  if ("cron" in schedule)
    try {
      new Cron(schedule.cron, { timezone: schedule.timeZone ?? "UTC", paused: true }).nextRun();
    } catch (error) {
      throw new TypeError(
        `Job '${name}': '${schedule.cron}' in time zone '${schedule.timeZone ?? "UTC"}' is no schedule; write e.g. '0 3 * * *' and 'Europe/Berlin'.`,
        { cause: error },
      );
    }
  const defaults = { persistent: false, misfire: "once", overlap: "skip", timeoutMs: 60_000, maxAttempts: 10 } as const;
  return { ...defaults, ...definition } as unknown as Job;
}

/** The first slot of a schedule after a moment; null if there is none. */
export function nextSlot(schedule: Schedule, after: Date): Date | null {
  if ("at" in schedule) return schedule.at > after ? schedule.at : null;
  return new Cron(schedule.cron, { timezone: schedule.timeZone ?? "UTC", paused: true }).nextRun(after);
}

/** The latest slot of a schedule up to a moment; null if there is none. */
export function latestSlot(schedule: Schedule, upTo: Date): Date | null {
  if ("at" in schedule) return schedule.at <= upTo ? schedule.at : null;
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone ?? "UTC", paused: true });
  return cron.previousRuns(1, new Date(upTo.getTime() + 1))[0] ?? null;
}
