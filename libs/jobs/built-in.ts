import { guarded } from "../jetstream/guard.ts";
import { inspect } from "../jetstream/inspect.ts";
import { mailboxOf } from "../jetstream/mailbox-definition.ts";
import { deleteOld } from "../messaging/delete-old.ts";
import { horizonDays, inboxRetentionDays, outboxRetentionDays } from "../messaging/horizon.ts";
import { askAgain, expire, publishedTargets, resendLost } from "../outbox/resend.ts";
import type { ServiceRuntime } from "../runtime/service-runtime.ts";
import { defineJob, type Job } from "./define-job.ts";

/** How long an ack may be under way after the consumer has passed its event, in milliseconds. */
const ackGraceMs = 15_000;

/** How long runs of jobs are kept, in days. */
const runRetentionDays = 7;

/** The jobs that every service has. */
export function builtInJobs(runtime: ServiceRuntime): Job[] {
  return [
    defineJob({
      name: "outbox-resend",
      schedule: { cron: "*/5 * * * * *" },
      handler: () => resendUnacked(runtime),
    }),
    defineJob({
      name: "outbox-expire",
      schedule: { cron: "17 * * * *" },
      handler: async () => {
        runtime.metrics.resent("expired", await expire(runtime.database, horizonDays));
      },
    }),
    defineJob({
      name: "retention",
      schedule: { cron: "37 * * * *" },
      timeoutMs: 15 * 60_000,
      handler: async ({ database, signal }) => {
        await deleteOld(database, { table: "event_outbox", days: outboxRetentionDays }, signal);
        await deleteOld(database, { table: "event_inbox", days: inboxRetentionDays }, signal);
        await database.query({
          text: "delete from job_run where status in ('done', 'skipped', 'failed') and next_attempt_at is null and slot < now() - $1 * interval '1 day'",
          values: [runRetentionDays],
        });
      },
    }),
  ];
}

/** Sends again what the broker will not deliver any more, and asks about what subscribers hold for long. */
export async function resendUnacked(
  { database, nats, metrics }: Pick<ServiceRuntime, "database" | "nats" | "metrics">,
  graceMs = ackGraceMs,
): Promise<void> {
  metrics.resent("asked", await askAgain(database));
  const { targets, now: before } = await publishedTargets(database);
  if (targets.length === 0) return;
  const jsm = await guarded("JetStream", nats.jetstreamManager({ checkAPI: false }));
  const errors: unknown[] = [];
  for (const target of targets)
    try {
      const { stream, consumer } = await inspect(jsm, mailboxOf(target));
      const ackFloor = consumer?.ack_floor.stream_seq ?? 0;
      const lastSequence = stream?.state.last_seq ?? 0;
      metrics.resent("lost", await resendLost(database, target, { ackFloor, lastSequence }, { before, graceMs }));
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw errors[0];
}
