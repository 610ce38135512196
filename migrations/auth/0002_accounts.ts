import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query(`create table account (
    id uuid primary key,
    username text not null unique,
    email text not null unique,
    password_hash text not null,
    role text not null default 'user',
    verified boolean not null default false,
    disabled boolean not null default false,
    created_at timestamptz not null default now()
  )`);
  await query(`create table session (
    id uuid primary key,
    account_id uuid not null references account (id) on delete cascade on update cascade,
    family_hash text not null unique,
    secret_hash text not null,
    ip_address text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`);
  await query("create index session_account_id on session (account_id)");
  await query("create index session_expires_at on session (expires_at)");
  await query(`create table access_token (
    jti uuid primary key,
    account_id uuid not null references account (id) on delete cascade on update cascade,
    session_id uuid not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
  )`);
  await query("create index access_token_account_id on access_token (account_id)");
  await query("create index access_token_session_id on access_token (session_id)");
  await query("create index access_token_expires_at on access_token (expires_at)");
  await query("create index access_token_revoked_at on access_token (revoked_at) where revoked_at is not null");
  await query(`create table link (
    token_hash text primary key,
    account_id uuid not null references account (id) on delete cascade on update cascade,
    purpose text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`);
  await query("create index link_account_id on link (account_id)");
  await query("create index link_expires_at on link (expires_at)");
  await query(`create table password_attempt (
    scope text primary key,
    attempts integer not null,
    ends_at timestamptz not null
  )`);
  await query("create index password_attempt_ends_at on password_attempt (ends_at)");
}

export async function down({ query }: MigrationContext): Promise<void> {
  for (const table of ["password_attempt", "link", "access_token", "session", "account"])
    await query(`drop table ${table}`);
}
