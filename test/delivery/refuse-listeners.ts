import type { Database } from "postbox";
import { until } from "postbox/testing";

/** From now on Postgres lets no listener in, and counts those that come. */
export async function refuseListeners(database: Database) {
  await database.query({ text: "create sequence refusals" });
  await database.query({
    text: `create function refuse_listeners() returns event_trigger language plpgsql as $$
      begin
        if current_setting('application_name') like '%-listen' then
          perform nextval('refusals');
          raise 'no listeners now';
        end if;
      end $$`,
  });
  await database.query({ text: "create event trigger refuse_listeners on login execute function refuse_listeners()" });
  return {
    refused: (times: number) =>
      until(
        async () => {
          const { rows } = await database.query({
            text: "select from refusals where last_value >= $1",
            values: [times],
          });
          return rows.length === 1;
        },
        { what: `listeners were refused ${times} times` },
      ),
    lift: () => database.query({ text: "drop event trigger refuse_listeners" }),
  };
}

/** The server processes of listeners that are connected to this database. */
export const listeners =
  "from pg_stat_activity where datname = current_database() and application_name like '%-listen'";
