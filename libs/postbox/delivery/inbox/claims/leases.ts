import type { Database } from "../../../postgres/database.ts";
import type { StoredRow } from "../rows/stored-row.ts";

/** The lease of a claim, in milliseconds. Events that a killed worker had claimed are claimed by others after it. */
export const leaseMs = 10_000;

/** Milliseconds between two renewals: two may fail. */
const renewMs = 3_000;

/** Renews the claims of these rows. A row that somebody has locked is left out: nobody else can claim it. */
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

/** Renews the leases of a worker's claims for as long as their events run, however long a handler may take. */
export class Leases {
  readonly #database: Database;
  readonly #claimed = new Set<StoredRow>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Renews the lease of a claimed row until the result is disposed of. */
  keepRenewed(row: StoredRow): Disposable {
    this.#claimed.add(row);
    this.#timer ??= setInterval(() => this.#renew(), renewMs);
    return { [Symbol.dispose]: () => this.#release(row) };
  }

  #release(row: StoredRow): void {
    this.#claimed.delete(row);
    if (this.#claimed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #renew(): void {
    // The next renewal may succeed. Where all fail others claim the rows, and the next write of this worker finds out.
    renew(this.#database, [...this.#claimed]).catch(() => undefined);
  }
}
