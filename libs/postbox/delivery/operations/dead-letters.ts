import { v7 as uuidv7 } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { replayDead } from "../outbox/replay-dead.ts";
import { horizonDays } from "../retention/horizon.ts";

/** Chooses the dead letters that fit every given property. */
export interface DeadLetterFilter {
  readonly ids?: readonly string[];
  readonly eventType?: string;
  readonly target?: string;
  readonly key?: string;
}

/** A dead letter as it is listed, without its payload. */
export interface DeadLetter {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly generation: number;
  readonly error_message: string | null;
  readonly created_at: Date;
}

/** One event of an outbox with its payload. `sequence` is a bigint as text. */
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

/** The operator that `operator_action` names: a user's id, or `cli:<name>`. */
export type Actor = string;

const filtered = `status = 'dead' and ($1::uuid[] is null or id = any($1)) and ($2::text is null or event_type = $2)
  and ($3::text is null or target = $3) and ($4::text is null or key = $4)`;

const filterValues = ({ ids, eventType, target, key }: DeadLetterFilter) => [
  ids ?? null,
  eventType ?? null,
  target ?? null,
  key ?? null,
];

/** Events that one transaction moves at most. */
const batchSize = 1_000;

const letterColumns: Columns<DeadLetter> = {
  id: "id",
  event_type: "event_type",
  target: "target",
  key: "key",
  attempts: "attempts",
  generation: "generation",
  error_message: "error_message",
  created_at: "created_at",
};

const detailColumns: Columns<EventDetail> = {
  ...letterColumns,
  status: "status",
  version: "version",
  sequence: "sequence",
  send_number: "send_number",
  data: "data",
  headers: "headers",
  published_at: "published_at",
  processed_at: "processed_at",
};

/** The dead letters of a service's outbox, oldest first. */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter = {},
  { limit = 100, offset = 0 }: { limit?: number; offset?: number } = {},
): Promise<DeadLetter[]> {
  const { rows } = await database.query<DeadLetter>({
    name: "dead-list",
    text: `select ${columnList(letterColumns)} from event_outbox
      where ${filtered} order by position limit $5 offset $6`,
    values: [...filterValues(filter), limit, offset],
  });
  return rows;
}

/** One event of a service's outbox. @throws PostboxError `event-not-found`. */
export async function showEvent(database: Database, id: string): Promise<EventDetail> {
  const { rows } = await database.query<EventDetail>({
    name: "event-show",
    text: `select ${columnList(detailColumns)} from event_outbox where id = $1`,
    values: [id],
  });
  const [event] = rows;
  if (event === undefined)
    throw new PostboxError("event-not-found", `There is no event ${id} in this service's outbox.`);
  return event;
}

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
          where ${filtered} and ($5 or ${withinHorizon}) and position > $6 order by position limit ${batchSize}`,
        values: [...filterValues(filter), verb === "skip", position],
      });
      position = rows.at(-1)?.position ?? position;
      const picked = rows.map(({ id }) => id);
      const ids = await replayDead(tx, picked, { tombstone: verb === "skip", horizonDays });
      if (ids.length > 0)
        await tx.query({
          name: "audit-insert",
          text: `insert into operator_action (id, actor, action, subject, detail)
            select unnest($1::uuid[]), $2, $3, unnest($4::text[]), $5`,
          values: [ids.map(() => uuidv7()), actor, verb, ids, JSON.stringify(filter)],
        });
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
