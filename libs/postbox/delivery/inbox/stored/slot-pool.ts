import type { DueFilter } from "../claims/claim-due.ts";
import type { InboxContext } from "../execution/inbox-context.ts";

/** Stored events of one kind, and the worker slots in which they run side by side. */
export interface SlotPool {
  readonly filter: DueFilter;
  readonly slots: number;
  readonly inFlight: Set<Promise<void>>;
}

/** Slots of a pool. No more events are claimed than there are slots, so that another worker may run the rest. */
const maxSlots = 5;

/**
 * The pools of a worker. Events with external handlers have one of their own, so that a mail server that hangs does not
 * hold up other retries. They take half of the connections at most, since each keeps one while it waits.
 */
export function slotPools({ handlers, database }: InboxContext): SlotPool[] {
  const external = handlers.external();
  const pools: SlotPool[] = [{ filter: { external }, slots: maxSlots, inFlight: new Set() }];
  const slots = Math.min(maxSlots, Math.floor(database.options.poolSize / 2));
  if (external.length > 0) pools.push({ filter: { external, only: true }, slots, inFlight: new Set() });
  return pools;
}
