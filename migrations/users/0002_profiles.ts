import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(`create table profile (
    id uuid primary key,
    username text not null,
    email text not null,
    role text not null,
    verified boolean not null,
    disabled boolean not null,
    created_at timestamptz not null
  )`);
  await query("create index profile_username on profile (username)");
  await query("create index profile_email on profile (email)");
  await query("create index profile_created_at on profile (created_at)");
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query("drop table profile");
}
