import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { firstIdAt } from "../retention/first-id-at.ts";
import { type Actor, recordActions } from "./record-actions.ts";

/** Chooses the failed events that fit every given property. */
export interface FailedFilter {
  readonly ids?: readonly string[];
  readonly eventType?: string;
  readonly key?: string;
}

/** Events that one transaction hurries at most. */
const batchSize = 1_000;

/**
 * Makes failed events of a service's inbox due now, instead of at the end of their backoff: the cause has been mended. A
 * worker takes them up within a second. Their attempts still count. An event that runs right now is left alone.
 *
 * Each transaction writes the operator's action beside the rows that it moves.
 *
 * @returns the ids that are due.
 * @throws PostboxError for ids in the filter: `event-not-found`; `event-state` for an event that has not failed.
 */
export async function retryFailed(database: Database, filter: FailedFilter, actor: Actor): Promise<string[]> {
  const { ids, eventType, key } = filter;
  if (ids !== undefined) await checkIds(database, ids);
  const moved: string[] = [];
  for (let after = firstIdAt(0); ; ) {
    const batch = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: string }>({
        name: "inbox-retry",
        text: `with failed as (
            select id from event_inbox
            where status = 'failed' and started_at is null and id > $1 and ($2::uuid[] is null or id = any($2))
              and ($3::text is null or event_type = $3) and ($4::text is null or key = $4)
            order by id limit ${batchSize} for update)
          update event_inbox i set next_attempt_at = least(i.next_attempt_at, now())
          from failed where i.id = failed.id
          returning i.id`,
        values: [after, ids ?? null, eventType ?? null, key ?? null],
      });
      const batchIds = rows.map(({ id }) => id).toSorted();
      await recordActions(tx, { actor, action: "retry", subjects: batchIds, detail: filter });
      return batchIds;
    });
    moved.push(...batch);
    after = batch.at(-1) ?? after;
    if (batch.length < batchSize) return moved;
  }
}

async function checkIds(database: Database, ids: readonly string[]): Promise<void> {
  const { rows } = await database.query<{ id: string; source: string; status: string }>({
    name: "inbox-retry-check",
    text: "select id, source, status from event_inbox where id = any($1::uuid[])",
    values: [ids],
  });
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const id of ids) {
    const row = found.get(id);
    if (row === undefined)
      throw new PostboxError("event-not-found", `There is no event ${id} in this service's inbox.`);
    if (row.status === "failed") continue;
    const remedy = row.status === "dead" ? `; run postbox dead replay ${row.source} ${id}` : "";
    throw new PostboxError(
      "event-state",
      `Event ${id} is '${row.status}'; only a failed one waits for its next try${remedy}.`,
    );
  }
}
