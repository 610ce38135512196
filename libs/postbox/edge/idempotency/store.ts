import type { Queryable } from "../../postgres/transaction/queryable.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** An idempotency key with its owner. */
export interface RequestKey {
  /** The action and the id of its user: `v1.users.change-username 0198c2d4-…`. */
  readonly scope: string;
  /** The key that the caller chose. */
  readonly key: string;
}

/** The answer to a request, as it is stored. */
export interface StoredAnswer {
  /** The request's fingerprint. */
  readonly request_hash: string;
  readonly status: number;
  readonly response: unknown;
}

/** For how long an answer is given again. */
const lifetime = "24 hours";
/** Rows deleted by one statement at most. */
const batch = 5_000;

/** Locks the key until the transaction ends. @returns false if another transaction has it. */
export async function tryLock(tx: Transaction, { scope, key }: RequestKey): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>({
    name: "idempotency_lock",
    fixedColumns: true,
    text: "select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked",
    values: [`idempotency ${scope} ${key}`],
  });
  return rows[0]?.locked === true;
}

/** The stored answer to a request, unless it has expired. */
export async function findAnswer(db: Queryable, { scope, key }: RequestKey): Promise<StoredAnswer | undefined> {
  const { rows } = await db.query<StoredAnswer>({
    name: "idempotency_find",
    fixedColumns: true,
    text: `select request_hash::text, status::int, response::json from idempotency_key
      where scope = $1 and key = $2 and created_at > now() - interval '${lifetime}'`,
    values: [scope, key],
  });
  return rows[0];
}

/** Stores the answer to a request, in place of an expired one. */
export async function storeAnswer(tx: Transaction, { scope, key }: RequestKey, stored: StoredAnswer): Promise<void> {
  await tx.query({
    name: "idempotency_store",
    text: `insert into idempotency_key (scope, key, request_hash, status, response) values ($1, $2, $3, $4, $5)
      on conflict (scope, key) do update set request_hash = excluded.request_hash, status = excluded.status,
        response = excluded.response, created_at = excluded.created_at`,
    values: [scope, key, stored.request_hash, stored.status, JSON.stringify(stored.response ?? null)],
  });
}

/** Deletes expired answers, in bounded statements. A row that another transaction has locked is left. */
export async function deleteExpired(db: Queryable, signal: AbortSignal): Promise<void> {
  let deleted = batch;
  while (deleted === batch && !signal.aborted) {
    const { rowCount } = await db.query({
      text: `delete from idempotency_key where (scope, key) in (
        select scope, key from idempotency_key where created_at <= now() - interval '${lifetime}'
        order by created_at limit ${batch} for update skip locked)`,
    });
    deleted = rowCount ?? 0;
  }
}
