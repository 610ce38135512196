import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { replayDead } from "../outbox/replay-dead.ts";
import { horizonDays } from "../retention/horizon.ts";
import { type DeadLetterFilter, filterValues, fitsFilter } from "./dead-letter-filter.ts";
import { type Actor, recordActions } from "./record-actions.ts";

/** Events that one transaction moves at most. */
const batchSize = 1_000;

/**
 * Replays dead letters, or skips them so that their keys go on. Two operators at once move each event once. Each
 * transaction writes the operator's action beside the rows that it moves.
 *
 * @returns the ids that moved.
 * @throws PostboxError for ids in the filter: `event-not-found`; `event-state` for an event that is not dead;
 * `event-expired` for the replay of an event that is older than the horizon.
 */
export async function resolveDeadLetters(
  database: Database,
  verb: "replay" | "skip",
  filter: DeadLetterFilter,
  actor: Actor,
): Promise<string[]> {
  if (filter.ids !== undefined) await checkIds(database, verb, filter.ids);
  const moved: string[] = [];
  // By position: an event that dies again meanwhile is not picked a second time.
  let position = "0";
  for (;;) {
    const { picked, ids } = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: string; position: string }>({
        name: `dead-pick-${verb}`,
        text: `select id, position from event_outbox
          where ${fitsFilter} and ($5 or ${withinHorizon}) and position > $6 order by position limit ${batchSize}`,
        values: [...filterValues(filter), verb === "skip", position],
      });
      position = rows.at(-1)?.position ?? position;
      const picked = rows.map(({ id }) => id);
      const ids = await replayDead(tx, picked, { tombstone: verb === "skip", horizonDays });
      await recordActions(tx, { actor, action: verb, subjects: ids, detail: filter });
      return { picked: picked.length, ids };
    });
    moved.push(...ids);
    if (picked < batchSize) return moved;
  }
}

const withinHorizon = `coalesce(first_published_at, now()) >= now() - interval '${horizonDays} days'`;

async function checkIds(database: Database, verb: string, ids: readonly string[]): Promise<void> {
  const { rows } = await database.query<{ id: string; status: string; replayable: boolean }>({
    name: "dead-check",
    text: `select id, status, ${withinHorizon} as replayable from event_outbox where id = any($1::uuid[])`,
    values: [ids],
  });
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const id of ids) {
    const row = found.get(id);
    if (row === undefined)
      throw new PostboxError("event-not-found", `There is no event ${id} in this service's outbox.`);
    if (row.status !== "dead")
      throw new PostboxError(
        "event-state",
        `Event ${id} is '${row.status}'; only a dead one can be resolved by ${verb}.`,
      );
    if (verb === "replay" && !row.replayable)
      throw new PostboxError(
        "event-expired",
        `Event ${id} was first published over ${horizonDays} days ago; its subscriber may have forgotten that it handled it. Skip it, and publish a new event.`,
      );
  }
}
