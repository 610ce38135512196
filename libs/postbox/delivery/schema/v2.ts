/**
 * The engine's tables, version 2: the answers to requests with an `Idempotency-Key`. The transaction of a request's
 * effect stores its answer.
 *
 * - `scope` names the action and its caller.
 * - `request_hash` is SHA-256 over the request in canonical form.
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
