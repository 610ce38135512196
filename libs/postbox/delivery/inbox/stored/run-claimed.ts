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
 * Runs a claimed event. A failed event runs alone, and the parked events of its key are taken up behind it. A parked
 * event stands for its key: all parked events of the key whose turn has come run.
 *
 * @returns the acknowledgements to send, by publisher.
 */
export async function runClaimed(context: InboxContext, row: StoredRow): Promise<Acks> {
  using _lease = context.leases.keepRenewed(row);
  // Awaited here, because the lease ends with this function.
  if (row.status === "parked") return await takeUp(context, row);
  const ack = await runStored(context, row);
  if (ack === undefined) return none;
  const takeUpBehind = row.crashes > 0 ? takeUpSingly : takeUp;
  const further = ack.status === "processed" ? await takeUpBehind(context, row).catch(() => none) : none;
  return new Map([...further, [row.source, [ack, ...(further.get(row.source) ?? [])]]]);
}

/** Handles the parked events of a key as one batch. */
async function takeUp(context: InboxContext, row: StoredRow): Promise<Acks> {
  const keys = cursorNames([row]);
  return keys.length > 0 ? (await handleBatch(context, [], "batch", keys)).acks : none;
}

/**
 * Handles the parked events of a key one at a time, after a crash in this key. Each is claimed before it runs, so that
 * an event which ends the process too is told apart from its neighbours.
 */
async function takeUpSingly(context: InboxContext, { source, key }: StoredRow): Promise<Acks> {
  const acks: Ack[] = [];
  for (;;) {
    const next = key === null ? undefined : await claimNext(context.database, { source, key });
    if (next === undefined) return new Map([[source, acks]]);
    using _lease = context.leases.keepRenewed(next);
    const ack = await runStored(context, next);
    if (ack) acks.push(ack);
    if (ack?.status !== "processed") return new Map([[source, acks]]);
  }
}
