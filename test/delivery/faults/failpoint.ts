import { randomInt } from "node:crypto";
import pg from "pg";
import type { Database } from "postbox";
import { until } from "postbox/testing";

/** A place in a table's writes at which every process stops until the test lifts it. */
export interface Failpoint extends AsyncDisposable {
  /** Waits until at least `count` transactions stand at it. */
  reached(count?: number): Promise<void>;
  /** Lets them, and all that come, go on. */
  lift(): Promise<void>;
}

/** Where a relay stands between its publishes and their mark. */
export const marking = "before update on event_outbox for each row when (new.status = 'published')";

/**
 * Stops other processes exactly between two statements, without a line of code in them: a trigger waits for an
 * advisory lock that the test holds.
 *
 * @param moment e.g. `before insert on effect for each row`, `before update on event_outbox for each row when (…)`.
 */
export async function failpoint(database: Database, moment: string): Promise<Failpoint> {
  const { host, port, user, password, database: name } = database.options;
  const holder = new pg.Client({ host, port, user, password, database: name });
  // A test that is given up leaves it to the end of the server.
  holder.on("error", () => undefined);
  await holder.connect();
  const lock = randomInt(1, 2 ** 31);
  await holder.query(`select pg_advisory_lock(${lock})`);
  await holder.query(`
    create function failpoint_${lock}() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${lock});
      return coalesce(new, old);
    end $$`);
  const [when, ...rest] = moment.split(" when ");
  const condition = rest.length > 0 ? `when ${rest.join(" when ")}` : "";
  await holder.query(`create trigger failpoint_${lock} ${when} ${condition} execute function failpoint_${lock}()`);
  const waiting = async () => {
    const { rows } = await holder.query<{ count: number }>(
      `select count(*)::int as count from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted`,
    );
    return rows[0]?.count ?? 0;
  };
  return {
    reached: async (count = 1) => {
      await until(async () => (await waiting()) >= count, { what: `${count} wait at "${moment}"` });
    },
    lift: async () => {
      await holder.query("select pg_advisory_unlock_all()");
    },
    [Symbol.asyncDispose]: () => holder.end(),
  };
}
