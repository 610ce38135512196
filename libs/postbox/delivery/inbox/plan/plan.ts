import { cursorKey } from "../events/cursor-name.ts";
import type { IncomingEvent } from "../events/incoming-event.ts";
import type { EventHandler } from "../handlers/handler.ts";
import type { HandlerTable } from "../handlers/handler-table.ts";
import { firstOutcome, type Outcome } from "./outcome.ts";

/** What the inbox says of an event that it has a row of. */
export interface KnownRow {
  readonly id: string;
  readonly status: "processed" | "skipped" | "failed" | "parked" | "held" | "dead";
  readonly generation: number;
  readonly payload_hash: string;
  readonly attempts: number;
  readonly error_message: string | null;
}

/** An event of a batch. */
export interface PlannedEvent {
  readonly event: IncomingEvent;
  /** Whether the event was taken up from its row, in which it waited for its turn. */
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

/** What becomes of the events of a batch. */
export interface Plan {
  /** To handle now; the events of one key in order. */
  readonly run: Runnable[];
  readonly writes: InboxWrite[];
  /** Known already: to acknowledge by their rows. */
  readonly known: { readonly event: IncomingEvent; readonly row: KnownRow }[];
  /** Replayed or skipped by an operator: their rows begin anew, in the new generation. */
  readonly rearm: IncomingEvent[];
  /** Known under the same id with another payload: refused. */
  readonly conflict: { readonly event: IncomingEvent; readonly row: KnownRow }[];
  /** Cursors that move on, by `cursorKey`, and where they stand if all of `run` succeeds. */
  readonly cursors: Map<string, number>;
}

export interface PlanInput {
  readonly events: readonly IncomingEvent[];
  /** Stored events of the batch's keys that wait for their turn. */
  readonly waiting: readonly IncomingEvent[];
  /** Rows of `events`, by id. */
  readonly known: ReadonlyMap<string, KnownRow>;
  /** Cursors of the batch's keys, by `cursorKey`. */
  readonly cursors: ReadonlyMap<string, number>;
  /** Errors of events that failed in earlier attempts, by id. */
  readonly excluded: ReadonlyMap<string, Error>;
  /** True: no handler runs, and events are stored instead. Default false. */
  readonly deferAll?: boolean;
  readonly handlers: HandlerTable;
}

/**
 * Decides what becomes of each event of a batch. Pure: reads and writes nothing.
 *
 * The events of a key are taken in order of their sequence, from the key's cursor on. The first event that cannot be
 * handled now ends the key's run, and the events behind it are parked. Such an event follows a gap, is possible poison
 * or unknown to this release, has failed, or has an external handler.
 */
export function planBatch(input: PlanInput): Plan {
  const plan: Plan = { run: [], writes: [], known: [], rearm: [], conflict: [], cursors: new Map() };
  const byKey = new Map<string, PlannedEvent[]>();
  const queue = (entry: PlannedEvent) => {
    const key = cursorKey(entry.event);
    const entries = byKey.get(key);
    if (entries) entries.push(entry);
    else byKey.set(key, [entry]);
  };
  for (const event of input.events) {
    const row = input.known.get(event.id);
    if (row !== undefined) {
      planKnown(plan, event, row);
      // A tombstone stands in its key for the event that it skips, so that the key goes on behind it.
      if (event.tombstone && event.key !== null && plan.rearm.at(-1) === event) queue({ event, stored: true });
    } else if (event.key !== null) queue({ event, stored: false });
    else planEvent(plan, input, { event, stored: false });
  }
  // A rearmed event was planned above. Its waiting row is of the generation before.
  const rearmed = new Set(plan.rearm.map(({ id }) => id));
  for (const event of input.waiting) if (!rearmed.has(event.id)) queue({ event, stored: true });
  for (const [key, entries] of byKey) planKey(plan, input, key, entries);
  return plan;
}

function planKnown(plan: Plan, event: IncomingEvent, row: KnownRow): void {
  // A tombstone has no payload, and neither has the row of a skipped event.
  const comparable = !event.tombstone && row.status !== "skipped";
  if (comparable && row.payload_hash !== event.hash) plan.conflict.push({ event, row });
  else if (event.generation <= row.generation || row.status === "processed" || row.status === "skipped")
    plan.known.push({ event, row });
  else plan.rearm.push(event);
}

/** Plans one event whose turn has come. @returns whether its key may go on behind it in this batch. */
function planEvent(plan: Plan, { excluded, deferAll, handlers }: PlanInput, entry: PlannedEvent): boolean {
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

function planKey(plan: Plan, input: PlanInput, key: string, entries: readonly PlannedEvent[]): void {
  const cursor = input.cursors.get(key) ?? 0;
  let reached = cursor;
  let open = true;
  for (const entry of entries.toSorted(bySequence)) {
    const sequence = sequenceOf(entry);
    if (sequence <= reached) planPassed(plan, entry);
    else if (open && sequence === reached + 1) {
      open = planEvent(plan, input, entry);
      if (open) reached = sequence;
    } else {
      open = false;
      if (!entry.stored)
        plan.writes.push({ ...entry, outcome: { status: entry.event.tombstone ? "skipped" : "parked" } });
    }
  }
  if (reached > cursor) plan.cursors.set(key, reached);
}

const sequenceOf = ({ event }: PlannedEvent): number => event.sequence ?? 0;

/** Of two events with one sequence the older goes first; ids are UUID v7. */
function bySequence(a: PlannedEvent, b: PlannedEvent): number {
  return sequenceOf(a) - sequenceOf(b) || (a.event.id < b.event.id ? -1 : 1);
}

/**
 * Plans an unknown event whose sequence was passed before. Its publisher's numbering went backwards, as after a
 * restored database, so the event is dead and an operator decides.
 */
function planPassed(plan: Plan, entry: PlannedEvent): void {
  const { tombstone, key, sequence, source } = entry.event;
  if (tombstone) {
    if (!entry.stored) plan.writes.push({ ...entry, outcome: { status: "skipped" } });
    return;
  }
  const error = `Sequence ${sequence} of key '${key}' was passed before this event was seen: the numbering of '${source}' went backwards. Replay it to run it out of its turn, or skip it.`;
  plan.writes.push({ ...entry, outcome: { status: "dead", attempts: 0, error } });
}
