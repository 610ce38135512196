import type { Models } from "postbox";
import type { Sequelize } from "sequelize";

/** No models: the gateway's one table is written by statements of the runtime. */
export function defineModels(_sequelize: Sequelize): Models {
  return {};
}

/** The hits of each caller and limited action, by window. Unlogged: a crash of the database may forget them. */
export const beforeTables: readonly string[] = [
  `create unlogged table rate_limit (
    bucket text not null,
    window_start timestamptz not null,
    hits integer not null,
    expires_at timestamptz not null,
    primary key (bucket, window_start)
  )`,
  "create index rate_limit_age on rate_limit (expires_at)",
];
