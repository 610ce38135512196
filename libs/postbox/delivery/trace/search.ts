import type { Database } from "../../postgres/database.ts";
import { readCorrelated, readReceived } from "./read-states.ts";
import type { PublishedState, TracedEvent } from "./traced-event.ts";

/** Events of a trace at most. */
export const maxEvents = 1_000;

/**
 * Milliseconds around a moment in which events of that moment are searched. The moment may be a database's, while ids
 * are made by the clocks of processes.
 */
const slackMs = 10 * 60_000;

/** Milliseconds of ids that one statement reads, so that none runs long on a busy outbox. */
const sliceMs = 5 * 60_000;

/** A range of time, in milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

/** An event of a trace without what it has caused. */
export type FoundEvent = Omit<TracedEvent, "effects">;

/** The range of time in which events of a moment are searched, or those of all moments up to `last`. */
export const around = (first: number, last = first): TimeRange => ({ from: first - slackMs, until: last + slackMs });

/**
 * Collects the events of one correlation id over the outboxes of all services.
 *
 * No index leads to a correlation id. But the id of each event is a UUID v7, so the primary key leads to the events of a
 * range of time. What the handler of an event has published is committed together with its inbox row. So the search
 * goes from each handled event to its subscriber's outbox, around the time at which the event was handled.
 */
export class Search {
  readonly #services: Readonly<Record<string, Database>>;
  readonly #correlation: string;
  readonly #found = new Map<string, FoundEvent>();
  readonly #searched = new Map<string, TimeRange[]>();

  constructor(services: Readonly<Record<string, Database>>, correlation: string) {
    this.#services = services;
    this.#correlation = correlation;
  }

  get found(): readonly FoundEvent[] {
    return [...this.#found.values()];
  }

  /** Adds events of a service's outbox, and searches for what they have caused. */
  async add(service: string, events: readonly PublishedState[]): Promise<void> {
    const fresh = events.filter(({ id }) => !this.#found.has(id)).slice(0, Math.max(0, maxEvents - this.#found.size));
    for (const event of fresh) this.#found.set(event.id, { service, ...event, received: null });
    for (const [target, sent] of Map.groupBy(fresh, (event) => event.target)) {
      const database = this.#services[target];
      if (database === undefined) continue;
      const received = await readReceived(
        database,
        sent.map(({ id }) => id),
      );
      for (const event of sent) {
        const row = received.get(event.id) ?? null;
        this.#found.set(event.id, { service, ...event, received: row });
        if (row?.processed_at) await this.searchIn(target, around(row.processed_at.getTime()));
      }
    }
  }

  /** Searches the outbox of a service for events of a range of time. */
  async searchIn(service: string, range: TimeRange): Promise<void> {
    const database = this.#services[service];
    const ranges = this.#searched.get(service) ?? [];
    const isSearched = ranges.some(({ from, until }) => from <= range.from && range.until <= until);
    if (database === undefined || isSearched) return;
    this.#searched.set(service, [...ranges, range]);
    for (let from = range.from; from < range.until && this.#found.size < maxEvents; from += sliceMs) {
      const slice = { from, until: Math.min(from + sliceMs, range.until) };
      await this.add(service, await readCorrelated(database, this.#correlation, slice, maxEvents));
    }
  }
}
