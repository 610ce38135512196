import type { Models } from "postbox";
import type { Sequelize } from "sequelize";

/** The gateway's own table is written by statements, not by models. */
export function defineModels(_sequelize: Sequelize): Models {
  return {};
}

/** How often each caller used each limited route in a window of time. Not logged: a crash may forget it. */
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
