import type { Static, TSchema } from "typebox";
import type { Transaction } from "../../postgres/transaction/transaction.ts";
import type { EventDefinition } from "../wire/define-event.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";

/** An open transaction of a service's database, and the only place from which the service publishes. */
export interface ServiceTransaction extends Transaction {
  /**
   * Publishes an event to each of its targets exactly once, if this transaction commits.
   *
   * @throws PostboxError `event-invalid` for a payload that breaks its schema, a text that cannot be a key, or an event of
   * another service; `event-too-large` for an event that the broker would refuse; `transaction-over`.
   */
  enqueue<Schema extends TSchema>(event: EventDefinition<Schema>, data: Static<Schema>, options?: EnqueueOptions): void;
}

/** Adds an event to the outbox of a transaction. */
type Enqueue = <Schema extends TSchema>(
  transaction: Transaction,
  event: EventDefinition<Schema>,
  data: Static<Schema>,
  options?: EnqueueOptions,
) => void;

/** A transaction of the database, joined to the outbox of its service. */
export class OutboxTransaction implements ServiceTransaction {
  readonly #whole: Transaction;
  readonly query: Transaction["query"];
  readonly beforeCommit: Transaction["beforeCommit"];
  readonly afterCommit: Transaction["afterCommit"];
  // A function of its own, so that callers may take it apart.
  readonly enqueue: ServiceTransaction["enqueue"];

  constructor(whole: Transaction, enqueue: Enqueue) {
    this.#whole = whole;
    this.query = whole.query;
    this.beforeCommit = whole.beforeCommit;
    this.afterCommit = whole.afterCommit;
    this.enqueue = (event, data, options) => enqueue(whole, event, data, options);
  }

  get sequelize() {
    return this.#whole.sequelize;
  }

  join<T>(work: () => Promise<T>): Promise<T> {
    return this.#whole.join(work);
  }

  view(refuse: () => void) {
    return this.#whole.view(refuse);
  }

  abandon(): void {
    this.#whole.abandon();
  }
}
