import { v7 as uuidv7 } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { replayDead } from "../outbox/replay.ts";
import { horizonDays } from "../retention/horizon.ts";

/** Which dead letters are meant: all that fit each given property. */
export interface DeadLetterFilter {
  readonly ids?: readonly string[];
  readonly eventType?: string;
  readonly target?: string;
  readonly key?: string;
}

/** A dead letter as it is listed; the payload is shown one at a time. */
export interface DeadLetter extends Record<string, unknown> {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly generation: number;
  readonly error_message: string | null;
  readonly created_at: Date;
}

/** One event of the outbox with all that is known of it. */
export interface EventDetail extends DeadLetter {
  readonly status: string;
  readonly version: number;
  readonly sequence: string | null;
  readonly send_number: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly published_at: Date | null;
  readonly processed_at: Date | null;
}

/** Who does it, for the audit: a user's id, or `cli:<name>`. */
export type Actor = string;

const filtered = `status = 'dead' and ($1::uuid[] is null or id = any($1)) and ($2::text is null or event_type = $2)
  and ($3::text is null or target = $3) and ($4::text is null or key = $4)`;

const filterValues = ({ ids, eventType, target, key }: DeadLetterFilter) => [
  ids ?? null,
  eventType ?? null,
  target ?? null,
  key ?? null,
];

/** Events acted upon in one transaction at most. */
const batch = 1_000;

/** The dead letters that a service has published, oldest first. */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter = {},
  { limit = 100, offset = 0 }: { limit?: number; offset?: number } = {},
): Promise<DeadLetter[]> {
  const { rows } = await database.query<DeadLetter>({
    name: "dead-list",
    text: `select id, event_type, target, key, attempts, generation, error_message, created_at from event_outbox
      where ${filtered} order by position limit $5 offset $6`,
    values: [...filterValues(filter), limit, offset],
  });
  return rows;
}

/** @throws PostboxError `event-not-found`. */
export async function showEvent(database: Database, id: string): Promise<EventDetail> {
  const { rows } = await database.query<EventDetail>({
    name: "event-show",
    text: `select id, event_type, version, target, key, sequence, status, attempts, generation, send_number, error_message,
        data, headers, created_at, published_at, processed_at
      from event_outbox where id = $1`,
    values: [id],
  });
  const [event] = rows;
  if (event === undefined)
    throw new PostboxError("event-not-found", `There is no event ${id} in this service's outbox.`);
  return event;
}

/**
 * Sends dead letters again (`replay`), or lets them go so that their keys go on (`skip`). Two operators at once move
 * each event once. Who did what is written in the same transaction.
 *
 * @returns the ids that moved.
 * @throws PostboxError `event-not-found` or `event-state` if one was named by its id and is not dead; `event-expired`
 * if one is older than the horizon.
 */
export async function resolveDeadLetters(
  database: Database,
  verb: "replay" | "skip",
  filter: DeadLetterFilter,
  actor: Actor,
): Promise<string[]> {
  if (filter.ids !== undefined) await refuseOthers(database, verb, filter.ids);
  const moved: string[] = [];
  // In one sweep by position: what dies again meanwhile is not picked a second time.
  let position = "0";
  for (;;) {
    const { picked, ids } = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: string; position: string }>({
        name: `dead-pick-${verb}`,
        text: `select id, position from event_outbox
          where ${filtered} and ($5 or ${withinHorizon}) and position > $6 order by position limit ${batch}`,
        values: [...filterValues(filter), verb === "skip", position],
      });
      position = rows.at(-1)?.position ?? position;
      const picked = rows.map(({ id }) => id);
      const done = await replayDead(tx, picked, { tombstone: verb === "skip", horizonDays });
      if (done.length > 0)
        await tx.query({
          name: "audit-insert",
          text: `insert into operator_action (id, actor, action, subject, detail)
            select unnest($1::uuid[]), $2, $3, unnest($4::text[]), $5`,
          values: [done.map(() => uuidv7()), actor, verb, done, JSON.stringify(filter)],
        });
      return { picked: picked.length, ids: done };
    });
    moved.push(...ids);
    if (picked < batch) return moved;
  }
}

const withinHorizon = `coalesce(first_published_at, now()) >= now() - interval '${horizonDays} days'`;

async function refuseOthers(database: Database, verb: string, ids: readonly string[]): Promise<void> {
  const { rows } = await database.query<{ id: string; status: string; young: boolean }>({
    name: "dead-check",
    text: `select id, status, ${withinHorizon} as young from event_outbox where id = any($1::uuid[])`,
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
    if (verb === "replay" && !row.young)
      throw new PostboxError(
        "event-expired",
        `Event ${id} was first published over ${horizonDays} days ago; its subscriber may have forgotten that it handled it. Skip it, and publish a new event.`,
      );
  }
}
