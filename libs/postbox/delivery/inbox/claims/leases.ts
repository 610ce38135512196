import type { Database } from "../../../postgres/database.ts";
import type { StoredRow } from "../rows/stored-row.ts";

/**
 * How long a claimed event is its worker's without a sign of it, in milliseconds: what a killed worker had claimed, the
 * others take up after this and a look of theirs.
 */
export const leaseMs = 10_000;

/** Milliseconds between two signs: three may be missed. */
const renewMs = 3_000;

/** A sign that this worker still has these events. Rows that somebody has locked are left out: nobody can claim those. */
async function renew(database: Database, rows: readonly StoredRow[]): Promise<void> {
  await database.query({
    name: "inbox-renew",
    text: `with own as (
        select i.id from event_inbox i
        join unnest($1::uuid[], $2::timestamptz[]) as claim (id, started_at)
          on i.id = claim.id and i.started_at = claim.started_at
        where i.status in ('failed', 'parked')
        for no key update of i skip locked)
      update event_inbox i set next_attempt_at = now() + $3 * interval '1 ms'
      from own where i.id = own.id`,
    values: [rows.map(({ id }) => id), rows.map(({ started_at }) => started_at), leaseMs],
  });
}

/** The claims of a worker: they stay its own for as long as it has them in hand, however long a handler may take. */
export class Leases {
  readonly #database: Database;
  readonly #held = new Set<StoredRow>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Renews the claim until it is disposed of. */
  renewWhileInHand(row: StoredRow): Disposable {
    this.#held.add(row);
    this.#timer ??= setInterval(() => this.#renew(), renewMs);
    return { [Symbol.dispose]: () => this.#release(row) };
  }

  #release(row: StoredRow): void {
    this.#held.delete(row);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #renew(): void {
    // The next sign may come through; without any, the claims are somebody else's, which whoever writes next finds out.
    renew(this.#database, [...this.#held]).catch(() => undefined);
  }
}
