import type { Transaction } from "../../postgres/transaction/transaction.ts";

export interface EnqueueOptions {
  /** The transaction it belongs to. Default: the current one of this service's database. */
  readonly transaction?: Transaction;
  /** Mailbox key; default: what the event's definition says. Events of one key arrive in commit order. */
  readonly key?: string;
  /** Not published before this moment. Default: at once. */
  readonly availableAt?: Date;
  /** Travel with the event, e.g. `traceparent`, `correlation_id`. */
  readonly headers?: Readonly<Record<string, string>>;
}
