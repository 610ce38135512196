import type { Config } from "../../core/configuration/read.ts";
import { databaseVariable } from "../../core/project/service-names.ts";
import { type LimitsByKind, limitsByKind } from "./work-kind.ts";

/** The address of the Postgres server, and the user of this process. */
export type ServerOptions = Pick<DatabaseOptions, "host" | "port" | "user" | "password">;

/** The connection options of the Postgres server, without a database. */
export function serverOptions(config: Config): ServerOptions {
  return {
    host: config.POSTGRES_HOST ?? "127.0.0.1",
    port: config.POSTGRES_PORT,
    user: config.POSTGRES_USER,
    password: config.POSTGRES_PASSWORD,
  };
}

/** The connection options of a service's own database. Services share the server, never a database. */
export function databaseOptions(config: Config, service: string): DatabaseOptions {
  return {
    ...serverOptions(config),
    database: config[databaseVariable(service)] ?? service,
    poolSize: config.DATABASE_POOL_SIZE,
    acquireMs: config.DATABASE_ACQUIRE_MS,
    connectionAgeMs: config.DATABASE_CONNECTION_AGE_MS,
    transactionIdleMs: config.TRANSACTION_IDLE_MS,
    limits: limitsByKind(config),
    applicationName: `postbox-${service}`,
  };
}

/** How one service's database is connected to. */
export interface DatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The name of the database. */
  readonly database: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Connections that stay open when idle. Default 0. */
  readonly minConnections?: number;
  /** Milliseconds that a request waits for a connection. Default 4,000. */
  readonly acquireMs?: number;
  /** Milliseconds for which a connection is used, give or take a tenth. Default: for ever. */
  readonly connectionAgeMs?: number;
  /** How long statements may take, by kind of work. Default: without limits. */
  readonly limits?: LimitsByKind;
  /** Milliseconds that an open transaction may send nothing before Postgres ends it. Default: the server's setting. */
  readonly transactionIdleMs?: number;
  /** Shown by `pg_stat_activity`. */
  readonly applicationName: string;
}
