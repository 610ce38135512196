import type { DatabaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { Database } from "../../libs/postbox/postgres/database.ts";
import { type Finding, finding, ok, warning } from "./finding.ts";

/** Age of what waits to be sent from which on something is wrong, in seconds. */
const lateSeconds = 60;

/** Failures from which on an event is told of: most faults of a moment are over by then. */
const toldAttempts = 3;

interface Counts {
  readonly dead: number;
  /** The type of the latest dead letter and its error, as one text; null if there is none. */
  readonly dead_reason: string | null;
  /** Events that have failed `toldAttempts` times and are tried again. */
  readonly failing: number;
  /** The same as `dead_reason`, of the failing event that was tried last. */
  readonly failing_reason: string | null;
  readonly held: number;
  readonly late: number;
}

/** SQL of the type and the error of the newest row that fits. */
const newestReason = (table: string, which: string): string =>
  `(select left(event_type || ': ' || coalesce(split_part(error_message, chr(10), 1), 'no reason'), 300) from ${table} where ${which}
            order by id desc limit 1)`;

/** What is stuck on its way in a service's outbox and inbox. */
export function checkDelivery(service: string, options: DatabaseOptions): Promise<Finding> {
  const check = `delivery ${service}`;
  return finding(check, "Run postbox migrate up, then look again.", async () => {
    const database = new Database({ ...options, poolSize: 1, applicationName: "postbox-cli" }).as("job");
    try {
      const { rows } = await database.query<Counts & Record<string, unknown>>({
        text: `select (select count(*)::int from event_outbox where status = 'dead') as dead,
          ${newestReason("event_outbox", "status = 'dead'")} as dead_reason,
          (select count(*)::int from event_inbox where status = 'failed' and attempts >= $2) as failing,
          ${newestReason("event_inbox", "status = 'failed' and attempts >= $2")} as failing_reason,
          (select count(*)::int from event_inbox where status = 'held') as held,
          (select count(*)::int from event_outbox
            where status = 'pending' and created_at < now() - $1 * interval '1 second') as late`,
        values: [lateSeconds, toldAttempts],
      });
      return rows[0] ? findingOf(check, service, rows[0]) : ok(check, "nothing is stuck");
    } finally {
      await database.close();
    }
  });
}

function findingOf(check: string, service: string, counts: Counts): Finding {
  const { dead, dead_reason, failing, failing_reason, held, late } = counts;
  if (late > 0)
    return warning(
      check,
      `${late} events wait to be sent for over ${lateSeconds} s`,
      "See that its processes run and reach NATS.",
    );
  if (failing > 0)
    return warning(
      check,
      `${failing} events fail and are tried again, the latest ${failing_reason}`,
      `Mend what the error names. All of them: postbox inbox list ${service}.`,
    );
  if (dead > 0)
    return warning(
      check,
      `${dead} dead letters, the latest ${dead_reason}`,
      `Look at them: postbox dead list ${service}.`,
    );
  if (held > 0) return warning(check, `${held} events that this release cannot handle`, "Upgrade the service.");
  return ok(check, "nothing is stuck");
}
