import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { ProgressLogger } from "./progress-logger.ts";

/** Key of the advisory lock: the bytes of `postbox` as one number. Advisory locks belong to one database each. */
const lockKey = "31647739056123768";
const pollMs = 100;
/** Long, because a migration may rewrite a large table while other processes wait. */
const patienceMs = 15 * 60_000;

/**
 * Runs `work` while no other process migrates this database.
 *
 * The lock is polled. A statement that waits inside `pg_advisory_lock` keeps a snapshot, and `create index concurrently`
 * in the process that has the lock would wait for that snapshot in turn.
 *
 * @throws PostboxError `migration-failed` when another process keeps the lock for 15 minutes.
 */
export async function withMigrationLock<T>(
  client: pg.Client,
  logger: ProgressLogger,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let waiting = false; !(await tryLock(client)); waiting = true) {
    if (!waiting) logger.info(`${client.database}: another process is migrating; waiting for it`);
    if (Date.now() > deadline)
      throw new PostboxError(
        "migration-failed",
        `Another process has been migrating '${client.database}' for ${patienceMs / 60_000} minutes. Look for it in pg_stat_activity (application_name 'postbox-migrations').`,
      );
    await pause(pollMs);
  }
  try {
    return await work();
  } finally {
    await client.query("select pg_advisory_unlock($1)", [lockKey]).catch(() => undefined);
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1) as held", [lockKey]);
  return rows[0]?.held ?? false;
}
