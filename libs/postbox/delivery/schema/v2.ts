/**
 * The engine's tables, version 2: what a request with an `Idempotency-Key` was answered with, kept in the transaction
 * of its effect. `scope` is the action and its caller, `request_hash` SHA-256 over the request in canonical form.
 */
export const up: readonly string[] = [
  `create table idempotency_key (
    scope text not null,
    key text not null,
    request_hash text not null,
    status integer not null,
    response json,
    created_at timestamptz not null default now(),
    primary key (scope, key)
  )`,
  `create index idempotency_key_age on idempotency_key (created_at)`,
];

export const down: readonly string[] = ["drop table idempotency_key"];
