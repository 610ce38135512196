import type { Ack } from "../../wire/ack.ts";
import { claimNext } from "../claims/claim-due.ts";
import { cursorNames } from "../events/cursor-name.ts";
import { handleBatch } from "../execution/handle-batch.ts";
import type { InboxContext } from "../execution/inbox-context.ts";
import type { StoredRow } from "../rows/stored-row.ts";
import { runStored } from "./run-stored.ts";

type Acks = ReadonlyMap<string, readonly Ack[]>;

const none: Acks = new Map();

/**
 * Runs one claimed event to its end: a failed one by itself, then what its key parked behind it; of a parked one its
 * whole key, as far as it goes.
 *
 * @returns what to tell, by publisher.
 */
export async function runClaimed(context: InboxContext, row: StoredRow): Promise<Acks> {
  using _lease = context.leases.renewWhileInHand(row);
  // Awaited here: the lease ends with this function.
  if (row.status === "parked") return await takeUp(context, row);
  const ack = await runStored(context, row);
  if (ack === undefined) return none;
  const rest = row.crashes > 0 ? takeUpSingly : takeUp;
  const further = ack.status === "processed" ? await rest(context, row).catch(() => none) : none;
  return new Map([...further, [row.source, [ack, ...(further.get(row.source) ?? [])]]]);
}

async function takeUp(context: InboxContext, row: StoredRow): Promise<Acks> {
  const keys = cursorNames([row]);
  return keys.length > 0 ? (await handleBatch(context, [], "batch", keys)).acks : none;
}

/**
 * Of a key in which something has ended a process: one event at a time, each marked as begun before it runs. In one
 * transaction with its neighbours the culprit would end the process again without showing.
 */
async function takeUpSingly(context: InboxContext, { source, key }: StoredRow): Promise<Acks> {
  const acks: Ack[] = [];
  for (;;) {
    const next = key === null ? undefined : await claimNext(context.database, { source, key });
    if (next === undefined) return new Map([[source, acks]]);
    using _lease = context.leases.renewWhileInHand(next);
    const ack = await runStored(context, next);
    if (ack) acks.push(ack);
    if (ack?.status !== "processed") return new Map([[source, acks]]);
  }
}
