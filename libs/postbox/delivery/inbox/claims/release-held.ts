import type { Database } from "../../../postgres/database.ts";
import { openSubjectOf } from "../../wire/open-event.ts";
import type { HandlerTable } from "../handlers/handler-table.ts";

/** Held events that one statement releases. */
const batch = 500;

/** Makes all held events due whose type and version this release knows. @returns how many. */
export async function releaseAll(database: Database, handlers: HandlerTable, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (let released = batch; released === batch && !signal.aborted; total += released)
    released = await releaseHeld(database, handlers);
  return total;
}

/** Releases `limit` events at most, in one statement. @returns how many. */
export async function releaseHeld(database: Database, handlers: HandlerTable, limit = batch): Promise<number> {
  const { types, versions } = handlers.known();
  const { rowCount } = await database.query({
    name: "inbox-release-held",
    text: `with known as (
        select i.id from event_inbox i
        join unnest($1::text[], $2::int[]) as handler (event_type, version)
          on handler.event_type in (i.event_type, ${openSubjectOf("i.event_type")}) and i.version <= handler.version
        where i.status = 'held'
        limit $3
        for update of i skip locked)
      update event_inbox i set status = 'failed', next_attempt_at = now() from known where i.id = known.id`,
    values: [types, versions, limit],
  });
  return rowCount ?? 0;
}
