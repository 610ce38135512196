import type { Sequelize } from "sequelize";
import type { Static, TSchema } from "typebox";
import type { ServiceName } from "../libs/config/services.ts";
import type { Database } from "../libs/database/database.ts";
import type { Transaction } from "../libs/database/transaction.ts";
import type { EventDefinition } from "../libs/events/define-event.ts";
import type { Models } from "../libs/inbox/handler.ts";
import { mixin } from "../libs/moleculer/service.ts";
import type { EnqueueOptions } from "../libs/outbox/enqueue.ts";
import { type Lease, leaseRuntime } from "../libs/runtime/lease.ts";

/** What a service that owns data has. */
export interface StoreFields<M extends Models> {
  readonly db: Database;
  readonly models: M;
  readonly lease: Lease<M>;
}

export interface StoreMethods {
  /** Runs `work` in a transaction of the service's database, or in the current one. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Publishes an event, once to each of its targets, when and only when the transaction commits.
   *
   * @throws PostboxError `event-invalid`, `event-too-large`, `transaction-missing`.
   */
  enqueue<Schema extends TSchema>(event: EventDefinition<Schema>, data: Static<Schema>, options?: EnqueueOptions): void;
}

/** Gives a service its database, its models and its outbox. */
export function store<M extends Models>(name: ServiceName, defineModels: (sequelize: Sequelize) => M) {
  return mixin<StoreFields<M>>()({
    created() {
      const lease = leaseRuntime(this.broker, name, defineModels);
      Object.assign(this, { lease, db: lease.runtime.database, models: lease.runtime.models });
    },
    started() {
      return this.lease.open();
    },
    stopped() {
      return this.lease.release();
    },
    methods: {
      transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
        return this.db.transaction(work);
      },
      enqueue<Schema extends TSchema>(
        event: EventDefinition<Schema>,
        data: Static<Schema>,
        options?: EnqueueOptions,
      ): void {
        this.lease.runtime.enqueue(event, data, options);
      },
    },
  });
}
