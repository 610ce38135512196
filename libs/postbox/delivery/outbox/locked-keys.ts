import { PostboxError } from "../../core/errors/postbox-error.ts";
import { sqlState } from "../../postgres/connection/sql-state.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { NewRow } from "./insert-rows.ts";
import { takeSequences } from "./take-sequences.ts";

/** SQLSTATE of a statement that waited too long for a lock. */
const lockNotAvailable = "55P03";

/** Milliseconds after a wait that was too long until one transaction tries the key again. */
const pauseMs = 1_000;

/** Milliseconds for which that one alone may try: longer than a request waits for a lock by default. */
const trialMs = 5_000;

/** Locked keys remembered at most. When there are more, all are forgotten. */
const maxLocked = 10_000;

/**
 * Numbers keyed rows, and keeps a key that somebody else has locked from harming others.
 *
 * A transaction that waits for a locked key keeps its connection meanwhile, so requests of one key could take all
 * connections of a service. A key is `open` until a wait for it was too long, and `locked` from then on. While a key is
 * locked, one transaction at a time tries it; all others are refused at once. The first that succeeds opens the key.
 */
export class LockedKeys {
  /** When the next transaction may try a locked key, in milliseconds of `performance.now()`. */
  readonly #tryAt = new Map<string, number>();

  /**
   * Numbers the keyed rows of a transaction, as `takeSequences` does.
   *
   * @throws PostboxError `lock-timeout` for a key that is locked.
   */
  async takeSequences(transaction: Transaction, rows: readonly NewRow[]): Promise<ReadonlyMap<string, number>> {
    const keys = new Set(rows.flatMap(({ key }) => (key === null ? [] : [key])));
    if (this.#tryAt.size > 0) this.#refuseLocked(keys);
    try {
      const sequences = await takeSequences(transaction, rows);
      if (this.#tryAt.size > 0) for (const key of keys) this.#tryAt.delete(key);
      return sequences;
    } catch (error) {
      if (sqlState(error) !== lockNotAvailable) throw error;
      const [key] = keys;
      // Of several keys, nobody can say which is locked.
      if (keys.size === 1 && key !== undefined) this.#lock(key);
      throw lockTimeout([...keys], error);
    }
  }

  #lock(key: string): void {
    if (this.#tryAt.size >= maxLocked) this.#tryAt.clear();
    this.#tryAt.set(key, performance.now() + pauseMs);
  }

  #refuseLocked(keys: ReadonlySet<string>): void {
    const now = performance.now();
    const locked = [...keys].filter((key) => this.#tryAt.has(key));
    const refused = locked.filter((key) => Number(this.#tryAt.get(key)) > now);
    if (refused.length > 0) throw lockTimeout(refused);
    for (const key of locked) this.#tryAt.set(key, now + trialMs);
  }
}

function lockTimeout(keys: readonly string[], cause?: unknown): PostboxError {
  const which = keys.length === 1 ? `The key '${keys[0]}' is` : `One of ${keys.length} keys is`;
  return new PostboxError(
    "lock-timeout",
    `${which} locked by another transaction; its events cannot be numbered. End that transaction (pg_stat_activity), or try again later.`,
    { retryAfter: 2, cause },
  );
}
