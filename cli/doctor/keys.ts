import { findGaps } from "../../libs/postbox/delivery/operations/find-gaps.ts";
import type { DatabaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { Database } from "../../libs/postbox/postgres/database.ts";
import { type Finding, finding, ok, warning } from "./finding.ts";

/** An event that is under way comes in seconds; what has not come for this long will not come by itself, in seconds. */
const goneSeconds = 300;

/** Whether keys of a service's inbox wait for an event that does not come: it was lost here, or is stuck at its publisher. */
export function checkKeys(service: string, options: DatabaseOptions): Promise<Finding> {
  const check = `keys ${service}`;
  return finding(check, "Run postbox migrate up, then look again.", async () => {
    const database = new Database({ ...options, poolSize: 1, applicationName: "postbox-cli" }).as("job");
    try {
      const gaps = await findGaps(database, goneSeconds);
      if (gaps === undefined) return ok(check, "no key waits for an event that does not come");
      const { count, oldest } = gaps;
      const { source, key, missing, minutes } = oldest;
      return warning(
        check,
        `${count} ${count === 1 ? "key waits" : "keys wait"} for events that do not come; the first is number ${missing} of key ${JSON.stringify(key.slice(0, 50))} from ${source}, awaited for ${minutes} minutes`,
        `If it is dead there (postbox dead list ${source}), replay or skip it. If the database of ${service} was restored or lost commits, send it again what it lost: postbox outbox resend ${source} --target ${service} --since <the moment up to which it knows everything>.`,
      );
    } finally {
      await database.close();
    }
  });
}
