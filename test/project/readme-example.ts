import type { Service } from "moleculer";
import { action, defineEvent, type HandlerTransaction, handle, object } from "postbox";
import type { StoreFields, StoreMethods } from "postbox/mixins";
import { Type } from "typebox";

/** The example of the README with all that it leaves out, so that the compiler reads it; a test compares the two. */
type Orders = Service & StoreFields<Record<never, never>> & StoreMethods;

async function insertOrder(item: string): Promise<{ id: string; item: string }> {
  return { id: "1", item };
}

async function reserve(tx: HandlerTransaction, item: string): Promise<void> {
  await tx.query({ text: "update stock set reserved = reserved + 1 where item = $1", values: [item] });
}

// libs/orders/events.ts: the contract
export const placeOrder = defineEvent({
  service: "orders",
  name: "place.order",
  version: 1,
  targets: ["stock"],
  schema: Type.Object({ id: Type.String(), item: Type.String() }),
  key: ({ item }) => item,
});
// services/orders/api/v1/place.ts: the row and its event commit together, or neither does
export const place = action({
  rest: "POST /",
  access: "gen",
  params: object({ body: object({ item: Type.String() }) }),
  handler(this: Orders, ctx) {
    return this.transaction(async () => {
      const order = await insertOrder(ctx.params.body.item);
      this.enqueue(placeOrder, order);
      return order;
    });
  },
});
// services/stock/events.ts: takes effect once, in commit order for each item
export const handlers = [handle(placeOrder, ({ data }, tx) => reserve(tx, data.item))];
