import { defineJob, type Job } from "../../delivery/jobs/define-job.ts";
import { Resender } from "../../delivery/jobs/resend-unacked.ts";
import { expire } from "../../delivery/outbox/expire.ts";
import { deleteOld } from "../../delivery/retention/delete-old.ts";
import { horizonDays, inboxRetentionDays, outboxRetentionDays } from "../../delivery/retention/horizon.ts";
import { deleteExpired } from "../../edge/idempotency/store.ts";
import { mailboxOf } from "../../nats/mailbox/mailbox-definition.ts";
import { oldestMessage } from "../../nats/mailbox/oldest-message.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Days for which finished runs of jobs are kept. */
const runRetentionDays = 7;

/** The names of the jobs that every service has. A service's own jobs need other names. */
export const builtInNames = { resend: "outbox-resend", expire: "outbox-expire", retention: "retention" } as const;

/** The jobs that every service has: they resend what is not acknowledged, expire old events, and delete old rows. */
export function builtInJobs(runtime: ServiceRuntime): Job[] {
  const resender = new Resender(runtime);
  return [
    defineJob({
      name: builtInNames.resend,
      schedule: { cron: "*/5 * * * * *" },
      handler: () => resender.run(),
    }),
    defineJob({
      name: builtInNames.expire,
      schedule: { cron: "17 * * * *" },
      handler: async () => {
        const expired = await expire(runtime.database.as("relay"), horizonDays);
        runtime.metrics.resent("expired", expired);
        if (expired > 0)
          runtime.logger.error(
            `${expired} events of ${runtime.name} are dead: they had no acknowledgement within ${horizonDays} days.`,
          );
      },
    }),
    defineJob({
      name: builtInNames.retention,
      schedule: { cron: "37 * * * *" },
      timeoutMs: 15 * 60_000,
      handler: async ({ database, signal }) => {
        await deleteOld(database, { table: "event_outbox", days: outboxRetentionDays }, signal);
        await deleteExpired(database, signal);
        await database.query({
          text: "delete from job_run where status in ('done', 'skipped', 'failed') and next_attempt_at is null and slot < now() - $1 * interval '1 day'",
          values: [runRetentionDays],
        });
        // A message that still is in the mailbox can be delivered again, however old: its inbox rows must stay.
        const asOf = await oldestMessage(runtime.nats, mailboxOf(runtime.name));
        await deleteOld(database, { table: "event_inbox", days: inboxRetentionDays, asOf }, signal);
      },
    }),
  ];
}
