/**
 * The tables of the delivery engine, version 1.
 *
 * All times are the database's. `data` and `headers` are of type `json`, which keeps their text: the payload's hash is
 * taken of that text. Indexes are partial, on events and runs that are not done, so that no cost grows with final rows.
 */
export const up: readonly string[] = [
  `create table event_outbox (
    id uuid primary key,
    position bigint generated always as identity,
    event_type text not null,
    version integer not null,
    target text not null,
    key text,
    sequence bigint,
    data json not null,
    headers json not null default '{}',
    payload_hash text not null,
    status text not null default 'pending'
      check (status in ('scheduled', 'pending', 'published', 'received', 'processed', 'dead', 'skipped')),
    tombstone boolean not null default false,
    send_number integer not null default 0,
    generation integer not null default 0,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    stream_sequence bigint,
    error_message text,
    created_at timestamptz not null default now(),
    first_published_at timestamptz,
    published_at timestamptz,
    processed_at timestamptz
  )`,
  `create index event_outbox_pending on event_outbox (position) where status = 'pending'`,
  `create index event_outbox_published on event_outbox (target, stream_sequence) where status = 'published'`,
  `create index event_outbox_due on event_outbox (next_attempt_at) where status in ('scheduled', 'received')`,
  `create index event_outbox_dead on event_outbox (position) where status = 'dead'`,
  `create table outbox_mailbox (
    target text not null,
    key text not null,
    last_sequence bigint not null,
    primary key (target, key)
  )`,
  `create table event_inbox (
    id uuid primary key,
    source text not null,
    event_type text not null,
    version integer not null,
    key text,
    sequence bigint,
    payload_hash text not null,
    data json,
    headers json,
    status text not null default 'processed'
      check (status in ('processed', 'skipped', 'failed', 'parked', 'held', 'dead')),
    generation integer not null default 0,
    attempts integer not null default 0,
    crashes integer not null default 0,
    started_at timestamptz,
    next_attempt_at timestamptz,
    error_message text,
    occurred_at timestamptz,
    received_at timestamptz not null default now(),
    processed_at timestamptz default now()
  )`,
  `create index event_inbox_due on event_inbox (next_attempt_at) where status in ('failed', 'parked')`,
  `create index event_inbox_waiting on event_inbox (source, key, sequence)
    where key is not null and status in ('failed', 'parked', 'held', 'dead', 'skipped')`,
  `create index event_inbox_stuck on event_inbox (status) where status in ('held', 'dead')`,
  `create table inbox_mailbox (
    source text not null,
    key text not null,
    last_sequence bigint not null default 0,
    primary key (source, key)
  )`,
  `create table job (
    name text primary key,
    schedule text,
    time_zone text not null default 'UTC',
    run_at timestamptz,
    enabled boolean not null default true,
    paused boolean not null default false,
    next_slot timestamptz,
    updated_at timestamptz not null default now()
  )`,
  `create table job_run (
    id uuid primary key,
    job text not null references job (name) on delete cascade,
    slot timestamptz not null,
    status text not null check (status in ('running', 'done', 'failed', 'skipped')),
    attempts integer not null default 0,
    lease_until timestamptz,
    next_attempt_at timestamptz,
    error_message text,
    started_at timestamptz,
    finished_at timestamptz,
    unique (job, slot)
  )`,
  `create index job_run_open on job_run (job) where status in ('running', 'failed')`,
  `create table operator_action (
    id uuid primary key,
    at timestamptz not null default now(),
    actor text not null,
    action text not null,
    subject text not null,
    detail json not null default '{}'
  )`,
];

export const down: readonly string[] = [
  "drop table operator_action",
  "drop table job_run",
  "drop table job",
  "drop table inbox_mailbox",
  "drop table event_inbox",
  "drop table outbox_mailbox",
  "drop table event_outbox",
];
