import type { Sequelize, Transaction } from "sequelize";
import type { DatabaseOptions } from "../connection/database-options.ts";
import { pipelinedPg } from "../connection/pipelined-client.ts";
import { sessionSettings } from "../connection/session-settings.ts";
import { sequelizeJoining } from "./sequelize-internals.ts";

/**
 * Opens a Sequelize for one database; no connection is made yet.
 *
 * @param current the transaction that models and queries join; null for none.
 */
export function openSequelize(options: DatabaseOptions, current: () => Transaction | null): Sequelize {
  const JoiningSequelize = sequelizeJoining(current);
  return new JoiningSequelize({
    dialect: "postgres",
    dialectModule: pipelinedPg,
    host: options.host,
    port: options.port,
    username: options.user,
    password: options.password,
    database: options.database,
    logging: false,
    pool: { max: options.poolSize, min: options.minConnections ?? 0, idle: 10_000, acquire: 30_000 },
    dialectOptions: {
      application_name: options.applicationName,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      ...sessionSettings(options),
    },
    define: { underscored: true, timestamps: false },
  });
}
