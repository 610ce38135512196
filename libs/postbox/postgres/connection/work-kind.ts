import type { Config } from "../../core/configuration/read.ts";

/**
 * What a connection is needed for. The kind decides how long a statement may take and which connections are open to it.
 *
 * - `request`: an action, and whatever else is no work of the runtime.
 * - `batch`: events are handled.
 * - `relay`: events are published and acknowledged, runs are claimed, states are counted.
 * - `job`: the handler of a job, or a command of an operator.
 */
export type WorkKind = "request" | "batch" | "relay" | "job";

/** How long a statement may take, and how long it may wait for a lock, in milliseconds. 0: without a limit. */
export interface TimeLimits {
  readonly statementMs: number;
  readonly lockMs: number;
}

export type LimitsByKind = Readonly<Record<WorkKind | "migration", TimeLimits>>;

/** The limits of each kind of work and of migrations, as they are configured. */
export function limitsByKind(config: Config): LimitsByKind {
  return {
    request: { statementMs: config.REQUEST_STATEMENT_TIMEOUT_MS, lockMs: config.REQUEST_LOCK_TIMEOUT_MS },
    batch: { statementMs: config.BATCH_STATEMENT_TIMEOUT_MS, lockMs: config.BATCH_LOCK_TIMEOUT_MS },
    relay: { statementMs: config.RELAY_STATEMENT_TIMEOUT_MS, lockMs: config.RELAY_LOCK_TIMEOUT_MS },
    job: { statementMs: config.JOB_STATEMENT_TIMEOUT_MS, lockMs: config.JOB_LOCK_TIMEOUT_MS },
    migration: { statementMs: config.MIGRATION_STATEMENT_TIMEOUT_MS, lockMs: config.MIGRATION_LOCK_TIMEOUT_MS },
  };
}

/**
 * Whether the runtime runs a whole transaction of this kind again, if the connection turns out to be stale. The work of
 * an action or a job may have had effects elsewhere, and runs once.
 */
export const isRepeatable = (kind: WorkKind): boolean => kind === "batch" || kind === "relay";
