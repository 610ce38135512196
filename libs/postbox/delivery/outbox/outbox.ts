import type { Static, TSchema } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { currentCorrelation } from "../../core/correlation/current-correlation.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { EventSteps } from "../log/event-steps.ts";
import type { EventDefinition } from "../wire/define-event.ts";
import { envelopeOverhead } from "../wire/envelope.ts";
import { faultOfKey } from "../wire/key.ts";
import { payloadHash } from "../wire/payload-hash.ts";
import { validateEvent } from "../wire/validate.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { insertRows, type NewRow } from "./insert-rows.ts";
import { LockedKeys } from "./locked-keys.ts";
import type { PendingRow } from "./pending-row.ts";
import { type DirectDispatch, reservationMs } from "./reservation.ts";
import { OutboxTransaction, type ServiceTransaction } from "./service-transaction.ts";

export interface OutboxOptions {
  /** The publishing service. */
  readonly service: string;
  /** The broker's payload limit in bytes, headers included. */
  readonly maxPayload: () => number;
  /** Called after a commit whose rows a relay is to claim. */
  readonly onCommit: () => void;
  /** Publishes committed rows without a claim. Default: every row is claimed. */
  readonly direct?: DirectDispatch;
  /** Logs events that are enqueued. Default: nothing is logged. */
  readonly steps?: EventSteps | undefined;
}

/**
 * The outbox of one service: its events are committed with the change that they tell of, and published afterwards.
 *
 * `tx.enqueue` validates an event and buffers one row a target in its transaction. All rows of a transaction are
 * inserted by one statement just before COMMIT. A rollback leaves none.
 *
 * The states of a row:
 *
 * - `scheduled`: the event is not due yet; `promoteScheduled` makes the row `pending` at its time.
 * - `pending`: the event waits for its publish; the broker's PubAck makes the row `published` (`markPublished`).
 * - `published`: the broker has stored the event; the subscriber's answer moves the row on (`settle`).
 * - `received`: the subscriber has stored the event for later; a further answer settles the row.
 * - `processed`: the subscriber has handled the event; no later answer moves the row.
 * - `skipped`: the subscriber has passed over the event, as an operator wished; no later answer moves the row.
 * - `dead`: the event failed for good, expired (`expire`) or is too large (`deadLetterOversize`); an operator decides.
 *
 * Four ways lead back to `pending`. Each takes the next send number, so that the broker does not drop the event as a
 * duplicate:
 *
 * - `resendLost`: a `published` event, or the ack for it, was lost on its way.
 * - `queryAgain`: a `received` event is asked about, because the subscriber's database may have been restored.
 * - `resendSettled`: an operator says that the subscriber's database has lost its answers.
 * - `replayDead`: an operator replays or skips a `dead` event, in the next generation.
 *
 * A `pending` row begins as reserved for the process that commits it, if that process can publish it directly
 * (`DirectDispatch`). A reservation is no state: no relay claims the row until `next_attempt_at`.
 */
export class Outbox {
  readonly #database: Database;
  readonly #options: OutboxOptions;
  readonly #keys = new LockedKeys();
  readonly #buffers = new WeakMap<Transaction, NewRow[]>();

  constructor(database: Database, options: OutboxOptions) {
    this.#database = database;
    this.#options = options;
  }

  /**
   * Runs `work` in a transaction of the service's database, a new one or the current one, which publishes as it commits.
   *
   * @param database the service's, for another kind of work than requests.
   */
  transaction<T>(work: (tx: ServiceTransaction) => Promise<T>, database: Database = this.#database): Promise<T> {
    return database.transaction((tx) =>
      work(
        new OutboxTransaction(tx, (transaction, event, data, options) =>
          this.add(transaction, this.rows(event, data, options)),
        ),
      ),
    );
  }

  /**
   * Makes the rows of an event, one a target, without adding them to a transaction.
   *
   * @throws PostboxError `event-invalid`, `event-too-large`.
   */
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
    const correlation = options.headers?.correlation_id ?? currentCorrelation() ?? uuidv7();
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
      // Rows that a later hook enqueues are inserted by a statement of their own.
      this.#buffers.delete(transaction);
      dispatch = await this.#insert(transaction, fresh);
    });
    transaction.afterCommit(() => {
      this.#options.steps?.enqueued(fresh);
      dispatch();
    });
    this.#buffers.set(transaction, fresh);
  }

  /** @returns what is called after COMMIT, to have the rows published. */
  async #insert(transaction: Transaction, rows: readonly NewRow[]): Promise<() => void> {
    const { direct, onCommit } = this.#options;
    // Keyed rows take their numbers only now, so that the lock on a key's row is short. Scheduled rows take their
    // numbers when they are due: until then, a number would block its key.
    const due = rows.filter((row) => row.available_at === null);
    const sequences = await this.#keys.takeSequences(transaction, due);
    const reserved = due.length > 0 && direct?.accepts(due) === true;
    const reservedUntil = performance.now() + reservationMs;
    const occurredAt = await insertRows(transaction, rows, sequences, reserved ? reservationMs : 0);
    if (!reserved) return onCommit;
    const pending = due.map((row) => asPending(row, sequences.get(row.id), occurredAt));
    // After the reservation a relay may have claimed the rows.
    return () => (performance.now() < reservedUntil ? direct.publish(pending) : onCommit());
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
