import type { Sequelize } from "sequelize";
import type { Static, TSchema } from "typebox";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import type { EnqueueOptions } from "../libs/postbox/delivery/outbox/enqueue-options.ts";
import type { EventDefinition } from "../libs/postbox/delivery/wire/define-event.ts";
import { type RuntimeReference, shareRuntime } from "../libs/postbox/node/runtime/shared-runtime.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";
import type { Database } from "../libs/postbox/postgres/database.ts";
import type { Transaction } from "../libs/postbox/postgres/transaction/transaction.ts";

/** What a service that owns data has. */
export interface StoreFields<M extends Models> {
  readonly db: Database;
  readonly models: M;
  readonly storeRuntime: RuntimeReference<M>;
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
export function store<M extends Models>(name: string, defineModels: (sequelize: Sequelize) => M) {
  return mixin<StoreFields<M>>()({
    created() {
      const storeRuntime = shareRuntime(this.broker, name, defineModels);
      Object.assign(this, { storeRuntime, db: storeRuntime.runtime.database, models: storeRuntime.runtime.models });
    },
    started() {
      return this.storeRuntime.open();
    },
    stopped() {
      return this.storeRuntime.release();
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
        this.storeRuntime.runtime.enqueue(event, data, options);
      },
    },
  });
}
