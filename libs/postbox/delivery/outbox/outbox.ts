import type { Static, TSchema } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { EventDefinition } from "../wire/define-event.ts";
import { envelopeOverhead } from "../wire/envelope.ts";
import { faultOfKey } from "../wire/key.ts";
import { payloadHash } from "../wire/payload-hash.ts";
import { validateEvent } from "../wire/validate.ts";
import type { EnqueueOptions } from "./enqueue.ts";
import { insertRows, type NewRow } from "./insert-rows.ts";
import type { PendingRow } from "./pending-row.ts";
import { type DirectDispatch, reservationMs } from "./reservation.ts";
import { takeSequences } from "./take-sequences.ts";

export interface OutboxOptions {
  /** The publishing service. */
  readonly service: string;
  /** The broker's payload limit in bytes, headers included. */
  readonly maxPayload: () => number;
  /** Called after a commit that has left something to claim. */
  readonly onCommit: () => void;
  /** Publishes what was committed, without a claim. */
  readonly direct?: DirectDispatch;
}

/**
 * The outbox of one service.
 *
 * `enqueue` validates, and buffers a row for each target in the transaction; all rows of a transaction go out in one
 * statement just before COMMIT. Nothing is published from inside a transaction, and one that rolls back leaves
 * nothing.
 *
 * A row's states, each transition one function of this folder:
 *
 * - it begins as `pending` (`insertRows`), for a moment held for its own process, which publishes it without a claim if
 *   it has nothing else to publish (`DirectDispatch`); or as `scheduled` until its time (`promoteScheduled`);
 * - `pending` becomes `published` by the broker's PubAck (`markPublished`);
 * - `published` becomes `received` when the subscriber holds it for later, `processed` or `skipped` when it is done,
 *   `dead` when the subscriber gave up (`settle`); `processed` and `skipped` are final;
 * - `published` becomes `pending` again, under a new send number, when the broker has lost it (`resend`);
 * - what a subscriber answered and has lost since becomes `pending` again the same way, when an operator says so
 *   (`resendSettled`);
 * - `received` asks again at a slow pace the same way, in case the subscriber was restored;
 * - what is older than the horizon becomes `dead` (`expire`);
 * - an operator sends a `dead` row again in a new generation (`replay`), or as a tombstone that lets its key go on
 *   (`skip`): then it is `pending`.
 */
export class Outbox {
  readonly #database: Database;
  readonly #options: OutboxOptions;
  readonly #buffers = new WeakMap<Transaction, NewRow[]>();

  constructor(database: Database, options: OutboxOptions) {
    this.#database = database;
    this.#options = options;
  }

  /**
   * Publishes an event, once to each of its targets, when the transaction commits.
   *
   * @throws PostboxError `transaction-missing` outside a transaction; `event-invalid` for a payload that breaks the
   * contract, or a key that cannot be one; `event-too-large` for one that the broker would refuse.
   */
  enqueue<Schema extends TSchema>(
    event: EventDefinition<Schema>,
    data: Static<Schema>,
    options: EnqueueOptions = {},
  ): void {
    const transaction = options.transaction ?? this.#database.current;
    if (transaction === undefined)
      throw new PostboxError(
        "transaction-missing",
        `Event '${event.subject}' was enqueued outside a transaction. Wrap the change and the event in this.transaction(…).`,
      );
    this.add(transaction, this.rows(event, data, options));
  }

  /** Makes the rows of an event, one a target, without adding them to a transaction. */
  rows<Schema extends TSchema>(
    event: EventDefinition<Schema>,
    data: Static<Schema>,
    options: EnqueueOptions = {},
  ): NewRow[] {
    if (event.service !== this.#options.service)
      throw new PostboxError(
        "event-invalid",
        `Event '${event.subject}' belongs to service '${event.service}'; '${this.#options.service}' cannot publish it.`,
      );
    validateEvent(event, data);
    const text = JSON.stringify(data);
    const key = options.key ?? event.key?.(data) ?? null;
    const fault = key === null ? undefined : faultOfKey(key);
    if (fault !== undefined)
      throw new PostboxError(
        "event-invalid",
        `Event '${event.subject}': its key ${JSON.stringify(key?.slice(0, 50))} ${fault}. Use an id, or a hash of what it is made of.`,
      );
    const correlation = options.headers?.correlation_id ?? uuidv7();
    const headers = JSON.stringify({ ...options.headers, correlation_id: correlation });
    const bytes =
      envelopeOverhead + Buffer.byteLength(text) + Buffer.byteLength(headers) + Buffer.byteLength(key ?? "");
    if (bytes > this.#options.maxPayload())
      throw new PostboxError(
        "event-too-large",
        `Event '${event.subject}' needs ${bytes} bytes with its headers; the broker takes ${this.#options.maxPayload()}. Send a reference, or raise max_payload of NATS.`,
      );
    const hash = payloadHash(text);
    return event.targets.map((target) => ({
      id: uuidv7(),
      event_type: event.subject,
      version: event.version,
      target,
      key,
      data: text,
      headers,
      payload_hash: hash,
      available_at: options.availableAt?.toISOString() ?? null,
      bytes,
    }));
  }

  /** Adds rows to a transaction; they are inserted just before it commits. */
  add(transaction: Transaction, rows: readonly NewRow[]): void {
    const buffer = this.#buffers.get(transaction);
    if (buffer) {
      buffer.push(...rows);
      return;
    }
    const fresh = [...rows];
    let dispatch = this.#options.onCommit;
    transaction.beforeCommit(async () => {
      // What another hook enqueues from here on belongs to a flush of its own.
      this.#buffers.delete(transaction);
      dispatch = await this.#insert(transaction, fresh);
    });
    transaction.afterCommit(() => dispatch());
    this.#buffers.set(transaction, fresh);
  }

  /** @returns what publishes the rows once they are committed. */
  async #insert(transaction: Transaction, rows: readonly NewRow[]): Promise<() => void> {
    const { direct, onCommit } = this.#options;
    // Keyed rows take their numbers only now: the lock on a mailbox's row, which orders the writers of a key, is
    // held as short as can be. Scheduled ones take theirs when they are due, or they would block their key.
    const now = rows.filter((row) => row.available_at === null);
    const sequences = await takeSequences(transaction, now);
    const held = now.length > 0 && direct?.accepts(now) === true;
    const heldUntil = performance.now() + reservationMs;
    const occurredAt = await insertRows(transaction, rows, sequences, held ? reservationMs : 0);
    if (!held) return onCommit;
    const pending = now.map((row) => asPending(row, sequences.get(row.id), occurredAt));
    // Once the hold is over a relay may have claimed them.
    return () => (performance.now() < heldUntil ? direct.publish(pending) : onCommit());
  }
}

function asPending(row: NewRow, sequence: number | undefined, occurredAt: string): PendingRow {
  return {
    ...row,
    sequence: sequence?.toString() ?? null,
    tombstone: false,
    send_number: 0,
    generation: 0,
    occurred_at: occurredAt,
  };
}
