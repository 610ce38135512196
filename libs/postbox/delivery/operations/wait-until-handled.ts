import { setTimeout as delay } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { framesOf, headlineOf } from "../../core/failures/stored-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";

/** What the wait goes on for, and how long. */
export interface WaitUntilHandledOptions {
  /** Milliseconds to wait at most. Default 30,000. */
  readonly deadlineMs?: number;
  /** True: a failed event is waited for while it is tried again. Default false: the first failure ends the wait. */
  readonly retries?: boolean;
}

/** An event that is not done. */
interface OpenEvent {
  readonly id: string;
  readonly event_type: string;
  readonly box: "outbox" | "inbox";
  /** The subscriber; null for an event of an inbox. */
  readonly target: string | null;
  readonly status: string;
  /** Whether the event does not end well by itself: `stuck` if it is dead or held, `failed` if its handler failed. */
  readonly verdict: "stuck" | "failed" | "open";
  /** The error as it is stored, or where the event goes. */
  readonly detail: string | null;
}

interface OpenSnapshot {
  /** One open event, the most telling one; undefined if there is none. */
  readonly open: OpenEvent | undefined;
  /** The value of the outbox's sequence, which grows with every event that is enqueued. */
  readonly position: string;
}

/**
 * Resolves when all events of these services, and all events that these have caused, are handled and acknowledged.
 *
 * One snapshot without an open event proves nothing: the databases are read one beside another. An event may end in one
 * of them while it causes another event in a database that has been read already. Two such snapshots in a row prove it,
 * if no outbox has grown in between.
 *
 * A failed event is an error at once, unless `retries` says that it is waited for. An event whose run was interrupted
 * through no fault of its own has not failed.
 *
 * An event that is dead at its publisher or held by its subscriber cannot be handled by itself. It is an error once two
 * snapshots in a row show it, because an operator may have replayed it while other databases were read.
 *
 * @throws PostboxError `not-settled`, which names the event, its service, its state and the handler's stack frames: at
 * once for a failed, dead or held event, else after the deadline.
 */
export async function waitUntilHandled(
  services: Readonly<Record<string, Database>>,
  options: WaitUntilHandledOptions = {},
): Promise<void> {
  const { deadlineMs = 30_000, retries = false } = options;
  const deadline = performance.now() + deadlineMs;
  let positionsBefore: string | undefined;
  let stuckBefore: string | undefined;
  for (;;) {
    const snapshots = await Promise.all(
      Object.entries(services).map(async ([service, database]) => ({ service, ...(await readOpen(database)) })),
    );
    const found = mostTelling(snapshots);
    const open = found?.open;
    const positions = snapshots.map(({ position }) => position).join();
    if (open === undefined && positions === positionsBefore) return;
    positionsBefore = open === undefined ? positions : undefined;
    if (found === undefined || open === undefined) continue;
    if (open.verdict === "failed" && !retries)
      throw notSettled(found.service, open, "has failed", " Settle with { retries: true } to wait for its retries.");
    const stuck = open.verdict === "stuck" ? open.id : undefined;
    if (stuck !== undefined && stuck === stuckBefore) {
      const { target, detail } = open;
      const told = target === null ? undefined : await errorAtTarget(services[target], open.id);
      throw notSettled(found.service, { ...open, detail: told ?? detail }, "cannot settle by itself");
    }
    stuckBefore = stuck;
    if (performance.now() > deadline) throw notSettled(found.service, open, `is still open after ${deadlineMs} ms`);
    await delay(10);
  }
}

/** The outbox's position, and an open event beside it; without one, all its columns are null. */
type OpenRow = Pick<OpenSnapshot, "position"> & { readonly [Name in keyof OpenEvent]: OpenEvent[Name] | null };

const columns: Columns<OpenRow> = {
  position: "counter.last_value::text",
  id: "event.id",
  event_type: "event.event_type",
  box: "event.box",
  target: "event.target",
  status: "event.status",
  verdict: "event.verdict",
  detail: "event.detail",
};

const isOpen = (event: Omit<OpenRow, "position">): event is OpenEvent => event.id !== null;

async function readOpen(database: Database): Promise<OpenSnapshot> {
  const { rows } = await database.query<OpenRow>({
    name: "events-open",
    text: `select ${columnList(columns)} from event_outbox_position_seq as counter
      left join lateral (
        (select id, event_type, 'inbox' as box, null as target, status, 'stuck' as verdict, error_message as detail
          from event_inbox where status = 'held' limit 1)
        union all (select id, event_type, 'outbox', target, status, 'stuck', error_message from event_outbox
          where status = 'dead' limit 1)
        union all (select id, event_type, 'inbox', null, status, 'failed', error_message from event_inbox
          where status = 'failed' and attempts > 0 limit 1)
        union all (select id, event_type, 'outbox', target, status, 'open', 'for ' || target from event_outbox
          where status = 'pending' limit 1)
        union all (select id, event_type, 'outbox', target, status, 'open', 'for ' || target from event_outbox
          where status = 'published' limit 1)
        union all (select id, event_type, 'outbox', target, status, 'open', coalesce(error_message, 'for ' || target)
          from event_outbox where status in ('scheduled', 'received') limit 1)
        union all (select id, event_type, 'inbox', null, status, 'open', error_message from event_inbox
          where status in ('failed', 'parked', 'dead') limit 1)
        limit 1) as event on true`,
  });
  const [row] = rows;
  if (row === undefined) return { open: undefined, position: "" };
  const { position, ...event } = row;
  return { open: isOpen(event) ? event : undefined, position };
}

interface ServiceSnapshot extends OpenSnapshot {
  readonly service: string;
}

/** The service whose open event says the most: one that is stuck, one that has failed, or any other. */
function mostTelling(snapshots: readonly ServiceSnapshot[]): ServiceSnapshot | undefined {
  for (const verdict of ["stuck", "failed", "open"]) {
    const found = snapshots.find(({ open }) => open?.verdict === verdict);
    if (found) return found;
  }
  return undefined;
}

/** The error with the handler's stack frames, which the subscriber's row keeps; undefined if it has no such row. */
async function errorAtTarget(database: Database | undefined, id: string): Promise<string | null | undefined> {
  const { rows } = (await database?.query<{ error_message: string | null }>({
    text: "select error_message from event_inbox where id = $1",
    values: [id],
  })) ?? { rows: [] };
  return rows[0]?.error_message;
}

function notSettled(
  service: string,
  { id, event_type, box, status, detail }: OpenEvent,
  fact: string,
  remedy = "",
): PostboxError {
  const reason = detail ? ` (${headlineOf(detail)})` : "";
  return new PostboxError(
    "not-settled",
    `Event ${id} (${event_type}) ${fact}: it is '${status}' in the ${box} of ${service}${reason}.${remedy}${framesOf(detail ?? "")}`,
  );
}
