import { Cron } from "croner";
import type { Logger } from "moleculer";
import type { Database } from "../../postgres/database.ts";
import type { Models } from "../inbox/handlers/handler.ts";
import type { ServiceTransaction } from "../outbox/service-transaction.ts";

/** When a job runs: by a cron pattern (5 fields, or 6 with seconds first) in a time zone (default UTC), or once. */
export type Schedule = { readonly cron: string; readonly timeZone?: string } | { readonly at: Date };

/**
 * Which slots run after a time in which no scheduler ran:
 *
 * - `skip`: no slot that was missed, by more than a minute;
 * - `once`: the latest slot;
 * - `all`: each slot, the oldest first.
 */
export type Misfire = "skip" | "once" | "all";

/**
 * What becomes of a slot that is due while an earlier run of the job is still running:
 *
 * - `skip`: the slot is skipped; with the misfire policy `all`, it waits until the earlier run has ended;
 * - `allow`: the slot runs beside the earlier run.
 */
export type Overlap = "skip" | "allow";

/**
 * What a job's handler works with.
 *
 * A handler must have the same effect when it runs twice for one `slot`. A persistent run is repeated after its process
 * has ended, perhaps just after a COMMIT. So a handler deletes, upserts, or inserts under a key made of the slot.
 *
 * A scheduler that was frozen may go on after another has taken the run over. What must not happen that late belongs in
 * `transaction`.
 */
export interface JobRun<M extends Models = Models> {
  /** The moment of the schedule that this run is for. */
  readonly slot: Date;
  /** From 1; each repetition counts one more. */
  readonly attempt: number;
  /**
   * Runs `work` in a transaction, which models join, and in which `tx.enqueue` publishes. The transaction commits only
   * while this scheduler has the run's lease.
   *
   * @throws PostboxError `run-superseded` if another scheduler has taken the run over, or the run has overrun its time.
   */
  readonly transaction: <T>(work: (tx: ServiceTransaction) => Promise<T>) => Promise<T>;
  /** A statement outside `transaction` commits at once, even after the run was taken over. */
  readonly database: Database;
  readonly models: M;
  readonly logger: Logger;
  /** Aborts when the run overruns its time or is taken over, and when the scheduler stops. */
  readonly signal: AbortSignal;
}

/** What `defineJob` takes. */
export interface JobDefinition<M extends Models = Models> {
  /** Unique in its service: letters, digits and `-`. */
  readonly name: string;
  readonly schedule: Schedule;
  /** Does the work of one run. An error fails the run. */
  readonly handler: (run: JobRun<M>) => Promise<void>;
  /** True: a run that failed, or whose process ended, is repeated with backoff up to `maxAttempts`. Default false. */
  readonly persistent?: boolean;
  /** Default `once`. */
  readonly misfire?: Misfire;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /** Milliseconds that one attempt may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** Attempts of a persistent run at most, the first included. Default 10. */
  readonly maxAttempts?: number;
}

/**
 * A job with all defaults filled in. `M` names the models that the job needs: a scheduler takes only jobs whose models its
 * own `defineModels` makes.
 */
export type Job<M extends Models = Models> = Required<JobDefinition<M>>;

/**
 * Declares a job of a service, for `services/<service>/jobs.ts`: checks it and fills in its defaults. Of all schedulers of
 * the service one runs each slot.
 *
 * ```ts
 * export const jobs = [
 *   defineJob({
 *     name: "forget-expired",
 *     schedule: { cron: "0 3 * * *", timeZone: "Europe/Berlin" },
 *     persistent: true,
 *     handler: ({ transaction }) => transaction((tx) => forgetExpired(tx)),
 *   }),
 * ];
 * ```
 *
 * @throws TypeError for an ill-formed name, an invalid cron pattern or an unknown time zone.
 */
export function defineJob<M extends Models>(definition: JobDefinition<M>): Job<M> {
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
  return { ...defaults, ...definition } satisfies Job<M>;
}
