import type { DatabaseOptions } from "../database/database.ts";
import type { Config } from "./read.ts";
import { databaseVariables, type ServiceName } from "./services.ts";

/** How to reach a service's own database: the server is shared, the database is not. */
export function databaseOptions(config: Config, service: ServiceName): DatabaseOptions {
  return {
    host: config.POSTGRES_HOST ?? "127.0.0.1",
    port: config.POSTGRES_PORT,
    user: config.POSTGRES_USER,
    password: config.POSTGRES_PASSWORD,
    database: config[databaseVariables[service]],
    poolSize: config.DATABASE_POOL_SIZE,
    transactionIdleMs: config.TRANSACTION_IDLE_MS,
    applicationName: `postbox-${service}`,
  };
}
