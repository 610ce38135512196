import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(`create unlogged table rate_limit (
    bucket text not null,
    window_start timestamptz not null,
    hits integer not null,
    expires_at timestamptz not null,
    primary key (bucket, window_start)
  )`);
  await query("create index rate_limit_age on rate_limit (expires_at)");
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query("drop table rate_limit");
}
