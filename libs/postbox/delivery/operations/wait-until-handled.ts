import { setTimeout as delay } from "node:timers/promises";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";

export interface SettleOptions {
  /** Milliseconds to wait at most. Default 30,000. */
  readonly deadlineMs?: number;
}

/** An event that is not done, and where it stands. */
interface OpenEvent extends Record<string, unknown> {
  readonly id: string;
  readonly event_type: string;
  readonly place: "outbox" | "inbox";
  readonly status: string;
  readonly detail: string | null;
}

interface OpenSnapshot {
  readonly open: OpenEvent | undefined;
  /** The outbox's counter: it moves with every event that is enqueued. */
  readonly position: string;
}

/**
 * Resolves when everything that was caused, to any depth, has been handled and acknowledged in all these services.
 *
 * One clean look is not enough: while one database is read, an event may be closing in another and have caused a new
 * one in a third. Two clean looks in a row between which no outbox has grown prove that nothing was open in between.
 *
 * @throws PostboxError `not-settled`, at once for an event that cannot settle by itself (dead or held, here or at its
 * subscriber), else after the deadline; it names the event, its service and its state. What was dead in one look alone may
 * have been replayed while the others were read.
 */
export async function settle(services: Readonly<Record<string, Database>>, options: SettleOptions = {}): Promise<void> {
  const { deadlineMs = 30_000 } = options;
  const deadline = performance.now() + deadlineMs;
  let before: string | undefined;
  let deadBefore: string | undefined;
  for (;;) {
    const looks = await Promise.all(
      Object.entries(services).map(async ([service, database]) => ({ service, ...(await readOpen(database)) })),
    );
    const stuck = looks.find(({ open }) => open !== undefined);
    const positions = looks.map(({ position }) => position).join();
    if (stuck === undefined && positions === before) return;
    before = stuck === undefined ? positions : undefined;
    if (stuck?.open !== undefined) {
      const dead = stuck.open.status === "dead" || stuck.open.status === "held" ? stuck.open.id : undefined;
      const final = dead !== undefined && dead === deadBefore;
      deadBefore = dead;
      if (final || performance.now() > deadline)
        throw notSettled(stuck.service, stuck.open, final ? undefined : deadlineMs);
      await delay(10);
    }
  }
}

async function readOpen(database: Database): Promise<OpenSnapshot> {
  const { rows } = await database.query<OpenEvent & { position: string }>({
    name: "messaging-look-open",
    text: `select position.last_value::text as position, event.* from event_outbox_position_seq as position
      left join lateral (
        (select id, event_type, 'inbox' as place, status, error_message as detail from event_inbox
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
  return { open: row?.id ? row : undefined, position: row?.position ?? "" };
}

function notSettled(
  service: string,
  { id, event_type, place, status, detail }: OpenEvent,
  afterMs?: number,
): PostboxError {
  const when = afterMs === undefined ? "cannot settle by itself" : `is still open after ${afterMs} ms`;
  return new PostboxError(
    "not-settled",
    `Event ${id} (${event_type}) ${when}: it is '${status}' in the ${place} of ${service}${detail ? ` (${detail})` : ""}.`,
  );
}
