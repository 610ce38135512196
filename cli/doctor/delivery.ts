import type { DatabaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { Database } from "../../libs/postbox/postgres/database.ts";
import { type Finding, finding, ok, warning } from "./finding.ts";

/** Age of what waits to be sent from which on something is wrong, in seconds. */
const lateSeconds = 60;

interface Counts {
  readonly dead: number;
  readonly held: number;
  readonly late: number;
}

/** What is stuck on its way in a service's outbox and inbox. */
export function checkDelivery(service: string, options: DatabaseOptions): Promise<Finding> {
  const check = `delivery ${service}`;
  return finding(check, "Run postbox migrate up, then look again.", async () => {
    const database = new Database({ ...options, poolSize: 1, applicationName: "postbox-cli" });
    try {
      const { rows } = await database.query<Counts & Record<string, number>>({
        text: `select (select count(*)::int from event_outbox where status = 'dead') as dead,
          (select count(*)::int from event_inbox where status = 'held') as held,
          (select count(*)::int from event_outbox
            where status = 'pending' and created_at < now() - $1 * interval '1 second') as late`,
        values: [lateSeconds],
      });
      return findingOf(check, service, rows[0] ?? { dead: 0, held: 0, late: 0 });
    } finally {
      await database.close();
    }
  });
}

function findingOf(check: string, service: string, { dead, held, late }: Counts): Finding {
  if (late > 0)
    return warning(
      check,
      `${late} events wait to be sent for over ${lateSeconds} s`,
      "See that its processes run and reach NATS.",
    );
  if (dead > 0) return warning(check, `${dead} dead letters`, `Look at them: postbox dead list ${service}.`);
  if (held > 0) return warning(check, `${held} events that this release cannot handle`, "Upgrade the service.");
  return ok(check, "nothing is stuck");
}
