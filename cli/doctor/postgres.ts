import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { reasonOf } from "../../libs/postbox/core/errors/reason.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { serverOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { open } from "../../libs/postbox/tools/migrations/database/connect.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";

const supported = { least: 15, most: 18 };
/** Connections that a service opens beside its pool in each of its processes. */
const besidePool = 4;
/** Milliseconds between the clocks of this machine and the database from which on logs mislead. */
const clockWarningMs = 1_000;

interface ServerFacts {
  readonly version: number;
  readonly connections: number;
  readonly now: Date;
}

/** The server: version, room for connections, clock. */
export async function checkPostgres(config: Config): Promise<Finding[]> {
  const target = { ...serverOptions(config), database: "postgres" };
  const remedy = "Start it, or mend POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER and POSTGRES_PASSWORD.";
  let facts: ServerFacts | undefined;
  const reached = await finding("postgres", remedy, async () => {
    const client = await open(target).catch((error) => {
      throw new Error(`${target.host}:${target.port} does not let user '${target.user}' in (${reasonOf(error)})`);
    });
    try {
      const { rows } = await client.query<ServerFacts>(
        `select current_setting('server_version_num')::int / 10000 as version,
          current_setting('max_connections')::int as connections, clock_timestamp() as now`,
      );
      facts = rows[0];
    } finally {
      await client.end();
    }
    const { version = 0 } = facts ?? {};
    const found = `Postgres ${version} at ${target.host}:${target.port}`;
    if (version >= supported.least && version <= supported.most) return ok("postgres", found);
    return fault(
      "postgres",
      found,
      `Versions ${supported.least} to ${supported.most} are supported; move to one of them.`,
    );
  });
  return facts ? [reached, connections(config, facts), clock(facts)] : [reached];
}

function connections({ DATABASE_POOL_SIZE }: Config, facts: ServerFacts): Finding {
  const needed = serviceNames().length * (DATABASE_POOL_SIZE + besidePool);
  const found = `max_connections ${facts.connections}; one process of all services may open ${needed}`;
  return facts.connections > needed
    ? ok("connections", found)
    : fault("connections", found, "Raise max_connections, or lower DATABASE_POOL_SIZE.");
}

function clock({ now }: ServerFacts): Finding {
  const apartMs = Math.abs(Date.now() - now.getTime());
  const found = `${apartMs} ms between this machine and Postgres`;
  return apartMs <= clockWarningMs
    ? ok("clock", found)
    : warning("clock", found, "Postbox goes by the database's clock, but logs and tokens do not: run NTP on both.");
}
