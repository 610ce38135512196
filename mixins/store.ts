import type { Sequelize } from "sequelize";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import type { ServiceTransaction } from "../libs/postbox/delivery/outbox/service-transaction.ts";
import { type RuntimeReference, shareRuntime } from "../libs/postbox/node/runtime/shared-runtime.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";
import type { Database } from "../libs/postbox/postgres/database.ts";

/** The fields that `store` gives a service. */
export interface StoreFields<M extends Models> {
  /** The service's database. */
  readonly db: Database;
  /** The models that `defineModels` has made. */
  readonly models: M;
  /** The service's share of the runtime. */
  readonly storeRuntime: RuntimeReference<M>;
}

/** The methods that `store` gives a service. */
export interface StoreMethods {
  /**
   * Runs `work` in a new transaction of the service's database, or in the current one, which models join. `tx.enqueue`
   * publishes an event if the transaction commits.
   */
  transaction<T>(work: (tx: ServiceTransaction) => Promise<T>): Promise<T>;
}

/**
 * Gives a service its database, its models and its outbox.
 *
 * ```ts
 * export default service({
 *   name: "orders",
 *   version: 1,
 *   mixins: [store("orders", defineModels)],
 *   actions: { place },
 * });
 *
 * // in an action
 * await this.transaction(async (tx) => {
 *   const order = await this.models.Order.create(given);
 *   tx.enqueue(orderPlaced, { order: order.get() });
 * });
 * ```
 *
 * @param name the service, whose database is connected to: by `<NAME>_DATABASE`, or the database of that name.
 */
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
      transaction<T>(work: (tx: ServiceTransaction) => Promise<T>): Promise<T> {
        return this.storeRuntime.runtime.outbox.transaction(work);
      },
    },
  });
}
