import { setTimeout as delay } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";

/** How long the wait may take. */
export interface WaitUntilHandledOptions {
  /** Milliseconds to wait at most. Default 30,000. */
  readonly deadlineMs?: number;
}

/** An event that is not done. */
interface OpenEvent {
  readonly id: string;
  readonly event_type: string;
  readonly box: "outbox" | "inbox";
  readonly status: string;
  readonly detail: string | null;
}

interface OpenSnapshot {
  /** One open event, dead and held ones before others; undefined if there is none. */
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
 * An event that is dead or held cannot be handled by itself. It is an error once two snapshots in a row show it,
 * because an operator may have replayed it while other databases were read.
 *
 * @throws PostboxError `not-settled`, which names the event, its service and its state: at once for a dead or held
 * event, else after the deadline.
 */
export async function waitUntilHandled(
  services: Readonly<Record<string, Database>>,
  options: WaitUntilHandledOptions = {},
): Promise<void> {
  const { deadlineMs = 30_000 } = options;
  const deadline = performance.now() + deadlineMs;
  let positionsBefore: string | undefined;
  let stuckBefore: string | undefined;
  for (;;) {
    const snapshots = await Promise.all(
      Object.entries(services).map(async ([service, database]) => ({ service, ...(await readOpen(database)) })),
    );
    const found = snapshots.find(({ open }) => open !== undefined);
    const open = found?.open;
    const positions = snapshots.map(({ position }) => position).join();
    if (open === undefined && positions === positionsBefore) return;
    positionsBefore = open === undefined ? positions : undefined;
    if (found === undefined || open === undefined) continue;
    const stuck = open.status === "dead" || open.status === "held" ? open.id : undefined;
    const isStuck = stuck !== undefined && stuck === stuckBefore;
    stuckBefore = stuck;
    if (isStuck || performance.now() > deadline)
      throw notSettled(found.service, open, isStuck ? undefined : deadlineMs);
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
  status: "event.status",
  detail: "event.detail",
};

const isOpen = (event: Omit<OpenRow, "position">): event is OpenEvent => event.id !== null;

async function readOpen(database: Database): Promise<OpenSnapshot> {
  const { rows } = await database.query<OpenRow>({
    name: "events-open",
    text: `select ${columnList(columns)} from event_outbox_position_seq as counter
      left join lateral (
        (select id, event_type, 'inbox' as box, status, error_message as detail from event_inbox
          where status in ('held', 'dead') limit 1)
        union all (select id, event_type, 'outbox', status, error_message from event_outbox where status = 'dead' limit 1)
        union all (select id, event_type, 'outbox', status, 'for ' || target from event_outbox
          where status = 'pending' limit 1)
        union all (select id, event_type, 'outbox', status, 'for ' || target from event_outbox
          where status = 'published' limit 1)
        union all (select id, event_type, 'outbox', status, coalesce(error_message, 'for ' || target) from event_outbox
          where status in ('scheduled', 'received') limit 1)
        union all (select id, event_type, 'inbox', status, error_message from event_inbox
          where status in ('failed', 'parked') limit 1)
        limit 1) as event on true`,
  });
  const [row] = rows;
  if (row === undefined) return { open: undefined, position: "" };
  const { position, ...event } = row;
  return { open: isOpen(event) ? event : undefined, position };
}

function notSettled(
  service: string,
  { id, event_type, box, status, detail }: OpenEvent,
  afterMs?: number,
): PostboxError {
  const when = afterMs === undefined ? "cannot settle by itself" : `is still open after ${afterMs} ms`;
  return new PostboxError(
    "not-settled",
    `Event ${id} (${event_type}) ${when}: it is '${status}' in the ${box} of ${service}${detail ? ` (${detail})` : ""}.`,
  );
}
