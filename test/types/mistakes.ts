import type { Service } from "moleculer";
import { action, call, defineEvent, defineJob, handle, type JobRun, object } from "postbox";
import { mailbox, type StoreFields, type StoreMethods, scheduler } from "postbox/mixins";
import type { Model, ModelStatic, Sequelize } from "sequelize";
import Type from "typebox";

/**
 * Mistakes that the compiler finds. `tsc` fails where an error is expected and none comes; the test beside this file
 * compares each error's line and code.
 */

interface StockModels extends Record<string, ModelStatic<Model>> {
  Item: ModelStatic<Model>;
}
interface OrdersModels extends Record<string, ModelStatic<Model>> {
  Order: ModelStatic<Model>;
}
type Orders = Service & StoreFields<OrdersModels> & StoreMethods;
declare function defineStock(sequelize: Sequelize): StockModels;
declare function defineOrders(sequelize: Sequelize): OrdersModels;

const placed = defineEvent({
  service: "orders",
  name: "place.order",
  version: 1,
  targets: ["stock"],
  schema: object({ item: Type.String() }),
});
const reserve = handle(placed, async ({ data }, tx) => {
  await tx.query({ text: "select $1", values: [data.item] });
});
const tidy = defineJob({
  name: "tidy",
  schedule: { cron: "0 3 * * *" },
  handler: async ({ models }: JobRun<StockModels>) => void (await models.Item.destroy({ where: {} })),
});

mailbox("stock", defineStock, [reserve]);
scheduler("stock", defineStock, [tidy]);

// A handler in a service that the event is not sent to.
// @ts-expect-error TS2375
mailbox("orders", defineOrders, [reserve]);

// A target whose name is misspelt.
// @ts-expect-error TS2375
mailbox("stok", defineStock, [reserve]);

// A job in the scheduler of a service that lacks its models.
// @ts-expect-error TS2322
scheduler("orders", defineOrders, [tidy]);

// A path without `access`: nobody says who may call the action.
// @ts-expect-error TS2345
export const open = action({ rest: "GET /open", params: object({}), handler: () => ({}) });

// An action that is not private, without `access`.
// @ts-expect-error TS2345
export const anybody = action({ handler: () => ({}) });

// `access` that is none.
// @ts-expect-error TS2322
export const known = action({ access: "everybody", handler: () => ({}) });

export const place = action({
  rest: "POST /orders",
  access: "gen",
  params: object({ body: object({ item: Type.String() }) }),
  async handler(this: Orders, ctx) {
    // Publishing without a transaction.
    // @ts-expect-error TS2339
    this.enqueue(placed, ctx.params.body);
    await this.transaction(async (tx) => {
      // A payload that is not the event's.
      // @ts-expect-error TS2353
      tx.enqueue(placed, { itme: "a" });
    });
    // The result of a transaction whose `await` was forgotten.
    const order = this.transaction(async () => ({ id: "1" }));
    // @ts-expect-error TS2339
    return order.id;
  },
});

defineJob({
  name: "remind",
  schedule: { cron: "0 3 * * *" },
  // Publishing from a job without a transaction.
  // @ts-expect-error TS2339
  handler: async ({ enqueue }) => enqueue(placed, { item: "a" }),
});

export const forward = action({
  access: "gen",
  async handler(_ctx) {
    // The name of an action as a text, where a reference says what the action takes and gives.
    // @ts-expect-error TS2345
    await call(_ctx, "v1.stock.reserve", { item: "a" });
    // The same by Moleculer's own call, which takes any name, a wrong one too.
    // @ts-expect-error TS2345
    await _ctx.call("v1.stok.reserve", { item: "a" });
  },
});
