import { cursorKey } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { EventHandler } from "../handlers/handler.ts";
import type { HandlerTable } from "../handlers/handler-table.ts";
import { firstOutcome, type Outcome } from "./outcome.ts";

/** A row of the inbox, as far as an event of the same id needs it. */
export interface KnownRow {
  readonly id: string;
  readonly status: "processed" | "skipped" | "failed" | "parked" | "held" | "dead";
  readonly generation: number;
  readonly payload_hash: string;
  readonly attempts: number;
  readonly error_message: string | null;
}

/** An event of a batch. `stored`: it has a row already, parked until its turn. */
export interface PlannedEvent {
  readonly event: IncomingEvent;
  readonly stored: boolean;
}

/** An event to handle now. */
export interface Runnable extends PlannedEvent {
  readonly handler: EventHandler;
}

/** An event that is not handled now, and how it is stored instead. */
export interface InboxWrite extends PlannedEvent {
  readonly outcome: Outcome;
}

/** What is to become of the events of one batch. */
export interface Plan {
  /** To handle now, those of one key in order. */
  readonly run: Runnable[];
  readonly writes: InboxWrite[];
  /** Known already: to acknowledge with what is stored. */
  readonly known: { readonly event: IncomingEvent; readonly row: KnownRow }[];
  /** Dead here and sent again by an operator: to arm again. */
  readonly rearm: IncomingEvent[];
  /** The same id with another payload: refused. */
  readonly conflict: { readonly event: IncomingEvent; readonly row: KnownRow }[];
  /** Keys that move on, by `cursorKey`, and the sequence that they reach if all of `run` succeeds. */
  readonly cursors: Map<string, number>;
}

export interface PlanInput {
  readonly events: readonly IncomingEvent[];
  /** Stored events of this batch's keys whose turn may have come. */
  readonly waiting: readonly IncomingEvent[];
  readonly known: ReadonlyMap<string, KnownRow>;
  /** Last sequence of each key of this batch, by `cursorKey`. */
  readonly cursors: ReadonlyMap<string, number>;
  /** Failed in an earlier try of this batch, by event id. */
  readonly excluded: ReadonlyMap<string, Error>;
  /** True: nothing runs in this batch; all of it is stored, to run one at a time. Default false. */
  readonly deferAll?: boolean;
  readonly handlers: HandlerTable;
}

/**
 * Decides what becomes of each event of a batch. Pure: it reads nothing and writes nothing.
 *
 * Those of one key are taken in order of their sequence, beginning behind the key's cursor. The first that cannot be
 * handled now (a gap, an external handler, a possiblePoison, one that is held or has failed) ends its key's run; what comes
 * after it is parked.
 */
export function planBatch(input: PlanInput): Plan {
  const plan: Plan = { run: [], writes: [], known: [], rearm: [], conflict: [], cursors: new Map() };
  const chains = new Map<string, PlannedEvent[]>();
  const queue = (entry: PlannedEvent) => {
    const key = cursorKey(entry.event);
    const chain = chains.get(key);
    if (chain) chain.push(entry);
    else chains.set(key, [entry]);
  };
  for (const event of input.events) {
    const row = input.known.get(event.id);
    if (row !== undefined) {
      planKnown(plan, event, row);
      // A tombstone takes the place of what it skips, so that the key goes on behind it.
      if (event.tombstone && event.key !== null && plan.rearm.at(-1) === event) queue({ event, stored: true });
    } else if (event.key !== null) queue({ event, stored: false });
    else planOne(plan, input, { event, stored: false });
  }
  // What an operator has just sent again or skipped is planned above; its waiting row stands for an older generation.
  const rearmed = new Set(plan.rearm.map(({ id }) => id));
  for (const event of input.waiting) if (!rearmed.has(event.id)) queue({ event, stored: true });
  for (const [key, chain] of chains) planChain(plan, input, key, chain);
  return plan;
}

function planKnown(plan: Plan, event: IncomingEvent, row: KnownRow): void {
  // A tombstone carries no payload, so neither it nor what it made a row of can be compared.
  const comparable = !event.tombstone && row.status !== "skipped";
  if (comparable && row.payload_hash !== event.hash) plan.conflict.push({ event, row });
  else if (event.generation <= row.generation || row.status === "processed" || row.status === "skipped")
    plan.known.push({ event, row });
  else plan.rearm.push(event);
}

/** @returns whether the event is done with this batch, so that its key may go on. */
function planOne(plan: Plan, { excluded, deferAll, handlers }: PlanInput, entry: PlannedEvent): boolean {
  const { event } = entry;
  if (event.tombstone) {
    if (!entry.stored) plan.writes.push({ ...entry, outcome: { status: "skipped" } });
    return true;
  }
  const handler = handlers.find(event);
  const error = excluded.get(event.id);
  if (handler === undefined) plan.writes.push({ ...entry, outcome: { status: "held" } });
  else if (error !== undefined) plan.writes.push({ ...entry, outcome: firstOutcome(error, handler) });
  else if (deferAll || event.possiblePoison || handler.mode === "external")
    plan.writes.push({ ...entry, outcome: { status: "failed", attempts: 0, dueInMs: 0, error: null } });
  else {
    plan.run.push({ ...entry, handler });
    return true;
  }
  return false;
}

function planChain(plan: Plan, input: PlanInput, key: string, chain: readonly PlannedEvent[]): void {
  const cursor = input.cursors.get(key) ?? 0;
  let last = cursor;
  let open = true;
  for (const entry of chain.toSorted(bySequence)) {
    const sequence = sequenceOf(entry);
    if (sequence <= last) planBehind(plan, entry);
    else if (open && sequence === last + 1) {
      open = planOne(plan, input, entry);
      if (open) last = sequence;
    } else {
      open = false;
      if (!entry.stored)
        plan.writes.push({ ...entry, outcome: { status: entry.event.tombstone ? "skipped" : "parked" } });
    }
  }
  if (last > cursor) plan.cursors.set(key, last);
}

const sequenceOf = ({ event }: PlannedEvent): number => event.sequence ?? 0;

/** Of two with one number the older goes first; ids are UUID v7. */
function bySequence(a: PlannedEvent, b: PlannedEvent): number {
  return sequenceOf(a) - sequenceOf(b) || (a.event.id < b.event.id ? -1 : 1);
}

/**
 * The publisher's numbering went backwards (its database was restored), so that this number was passed before, or was
 * given to another event of this batch: an alert instead of silence.
 */
function planBehind(plan: Plan, entry: PlannedEvent): void {
  const { tombstone, key, sequence, source } = entry.event;
  if (tombstone) {
    if (!entry.stored) plan.writes.push({ ...entry, outcome: { status: "skipped" } });
    return;
  }
  const error = `Sequence ${sequence} of key '${key}' was passed before this event was seen: the numbering of '${source}' went backwards. Replay it to run it out of its turn, or skip it.`;
  plan.writes.push({ ...entry, outcome: { status: "dead", attempts: 0, error } });
}
