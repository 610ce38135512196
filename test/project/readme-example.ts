import type { Service } from "moleculer";
import { action, defineEvent, handle, object } from "postbox";
import type { StoreMethods } from "postbox/mixins";
import { Type } from "typebox";

/** The README leaves this type out: a service with a store. All else is its example, which a test compares. */
type Orders = Service & StoreMethods;

// libs/orders/events.ts: the contract, a file that imports from "postbox/schema"
export const placeOrder = defineEvent({
  service: "orders",
  name: "place.order",
  version: 1,
  targets: ["stock"],
  schema: Type.Object({ item: Type.String() }),
  key: ({ item }) => item,
});
// services/orders/api/v1/place.ts: the row and its event commit together, or neither does
export const place = action({
  rest: "POST /",
  access: "gen",
  params: object({ body: object({ item: Type.String() }) }),
  handler(this: Orders, ctx) {
    return this.transaction(async (tx) => {
      await tx.query({ text: "insert into placed (item) values ($1)", values: [ctx.params.body.item] });
      tx.enqueue(placeOrder, ctx.params.body);
    });
  },
});
// services/stock/events.ts: takes effect once, in commit order for each item
export const handlers = [
  handle(placeOrder, async ({ data }, tx) => {
    await tx.query({ text: "update stock set reserved = reserved + 1 where item = $1", values: [data.item] });
  }),
];
