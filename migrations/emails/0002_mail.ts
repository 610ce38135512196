import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(`create table recipient (
    id uuid primary key,
    username text not null,
    email text not null
  )`);
  await query(`create table mail (
    event_id uuid primary key,
    recipient_id uuid not null,
    template text not null,
    message_id text not null,
    sent_at timestamptz not null default now()
  )`);
  await query("create index mail_recipient_id on mail (recipient_id)");
}

export async function down({ query }: MigrationContext): Promise<void> {
  for (const table of ["mail", "recipient"]) await query(`drop table ${table}`);
}
