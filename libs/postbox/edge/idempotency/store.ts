import type { Queryable } from "../../postgres/transaction/queryable.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";

/** Whose key it is: the action with its caller, and the key that the caller chose. */
export interface Slot {
  readonly scope: string;
  readonly key: string;
}

/** What a request was answered with. */
export interface Stored {
  /** The request's fingerprint. */
  readonly request_hash: string;
  readonly status: number;
  readonly response: unknown;
}

/** How long an answer can be had again. */
const lifetime = "24 hours";
/** Rows that leave in one statement at most. */
const batch = 5_000;

/** Holds the slot until the transaction ends; false if another transaction does. */
export async function tryLock(tx: Transaction, { scope, key }: Slot): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>({
    name: "idempotency_lock",
    text: "select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked",
    values: [`idempotency ${scope} ${key}`],
  });
  return rows[0]?.locked === true;
}

export async function findAnswer(db: Queryable, { scope, key }: Slot): Promise<Stored | undefined> {
  const { rows } = await db.query<Stored & { response: unknown }>({
    name: "idempotency_find",
    text: `select request_hash, status, response from idempotency_key
      where scope = $1 and key = $2 and created_at > now() - interval '${lifetime}'`,
    values: [scope, key],
  });
  return rows[0];
}

export async function storeAnswer(tx: Transaction, { scope, key }: Slot, stored: Stored): Promise<void> {
  await tx.query({
    name: "idempotency_store",
    text: `insert into idempotency_key (scope, key, request_hash, status, response) values ($1, $2, $3, $4, $5)
      on conflict (scope, key) do update set request_hash = excluded.request_hash, status = excluded.status,
        response = excluded.response, created_at = excluded.created_at`,
    values: [scope, key, stored.request_hash, stored.status, JSON.stringify(stored.response ?? null)],
  });
}

/** Deletes the answers that cannot be had any more, in bounded statements. One that is being renewed is left. */
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
