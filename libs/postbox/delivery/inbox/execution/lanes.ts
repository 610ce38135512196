import { cursorKey } from "../events/cursor-name.ts";
import type { Runnable } from "../plan/plan.ts";

/** The events of a batch by the way in which their handlers run. */
export interface Lanes {
  /** One call for each set-based handler. */
  readonly sets: Runnable[][];
  /** Concurrent handlers: chains run side by side, the events of a chain in order. A chain is one key. */
  readonly chains: Runnable[][];
  /** One after the other. */
  readonly sequential: Runnable[];
}

/**
 * Sorts events into lanes. A key whose events need different lanes runs in the sequential one, which keeps its order.
 */
export function lanesOf(items: readonly Runnable[]): Lanes {
  const mixed = mixedKeys(items);
  const sets = new Map<string, Runnable[]>();
  const chains = new Map<string, Runnable[]>();
  const sequential: Runnable[] = [];
  for (const item of items) {
    const { event, handler } = item;
    const key = cursorKey(event);
    if (event.key !== null && mixed.has(key)) sequential.push(item);
    else if (handler.handleMany) append(sets, handler.event.subject, item);
    else if (handler.mode === "concurrent") append(chains, event.key === null ? event.id : key, item);
    else sequential.push(item);
  }
  return { sets: [...sets.values()], chains: [...chains.values()], sequential };
}

function append(groups: Map<string, Runnable[]>, name: string, item: Runnable): void {
  const group = groups.get(name);
  if (group) group.push(item);
  else groups.set(name, [item]);
}

/** Keys whose events in this batch have handlers of different modes, or different set-based handlers. */
function mixedKeys(items: readonly Runnable[]): Set<string> {
  const modes = new Map<string, string>();
  const mixed = new Set<string>();
  for (const { event, handler } of items) {
    if (event.key === null) continue;
    const key = cursorKey(event);
    const mode = handler.handleMany ? `set:${handler.event.subject}` : (handler.mode ?? "sequential");
    if ((modes.get(key) ?? mode) !== mode) mixed.add(key);
    modes.set(key, mode);
  }
  return mixed;
}
