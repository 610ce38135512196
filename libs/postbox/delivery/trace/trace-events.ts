import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { readPublished, readRun } from "./read-states.ts";
import { around, type FoundEvent, maxEvents, Search, type TimeRange } from "./search.ts";
import type { PublishedState, Trace, TracedEvent, TracedRun } from "./traced-event.ts";

/** Hours that are searched for an id that does not tell its time. */
const defaultHours = 24;

export interface TraceOptions {
  /** Search all that was published since this moment. Default: by the time in the id, else the last 24 hours. */
  readonly since?: Date;
}

/** A publisher and one of its events. */
interface Found {
  readonly service: string;
  readonly event: PublishedState;
}

/**
 * Finds all that a request, a job's run or an event belongs to: the events of its correlation id over all services, each
 * with where it stands at both ends, as a tree of causes and effects.
 *
 * @param services the databases of the project's services, by name.
 * @param given the id of an event; or a correlation id, which is the id of a request or of a job's run.
 * @throws PostboxError `event-not-found`.
 */
export async function traceEvents(
  services: Readonly<Record<string, Database>>,
  given: string,
  { since }: TraceOptions = {},
): Promise<Trace> {
  const id = isUuid(given.toLowerCase()) ? given.toLowerCase() : given;
  const causes = await causesOf(services, id);
  const correlation = causes[0]?.event.correlation_id ?? id;
  const run = await findRun(services, correlation);
  const search = new Search(services, correlation);
  const moments = [correlation, ...causes.map(({ event }) => event.id)].map(timeOf).filter((at) => at !== undefined);
  for (const range of rangesOf(moments, since))
    await Promise.all(Object.keys(services).map((service) => search.searchIn(service, range)));
  if (run) {
    const begun = timeOf(run.id) ?? run.slot.getTime();
    await search.searchIn(run.service, around(begun, run.finished_at?.getTime() ?? Date.now()));
  }
  for (const { service, event } of causes) await search.add(service, [event]);
  const { found } = search;
  if (found.length === 0 && run === null) throw notFound(id, moments.length > 0 || since !== undefined);
  return { correlation_id: correlation, run, events: treeOf(found), truncated: found.length >= maxEvents };
}

/** An event and the events that led to it, up to the first; none if the id is no event's. */
async function causesOf(services: Readonly<Record<string, Database>>, id: string): Promise<readonly Found[]> {
  const causes: Found[] = [];
  for (let next: string | null = id; next !== null && isUuid(next) && causes.length < maxEvents; ) {
    const found = await findEvent(services, next);
    if (found === undefined) break;
    causes.push(found);
    next = found.event.causation_id;
  }
  return causes;
}

async function findEvent(services: Readonly<Record<string, Database>>, id: string): Promise<Found | undefined> {
  for (const [service, database] of Object.entries(services)) {
    const event = await readPublished(database, id);
    if (event) return { service, event };
  }
  return undefined;
}

async function findRun(services: Readonly<Record<string, Database>>, id: string): Promise<TracedRun | null> {
  if (!isUuid(id)) return null;
  for (const [service, database] of Object.entries(services)) {
    const run = await readRun(database, id);
    if (run) return { service, ...run };
  }
  return null;
}

function rangesOf(moments: readonly number[], since: Date | undefined): TimeRange[] {
  const now = Date.now();
  if (since !== undefined) return [around(since.getTime(), now)];
  if (moments.length === 0) return [around(now - defaultHours * 3_600_000, now)];
  return moments.map((at) => around(at));
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** The time in a UUID v7, in milliseconds since 1970; undefined for any other text. */
function timeOf(id: string): number | undefined {
  return isUuid(id) && id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}

/** Events below the event that has caused them. An event whose cause was not found stands at the top. */
function treeOf(found: readonly FoundEvent[]): TracedEvent[] {
  const ids = new Set(found.map(({ id }) => id));
  const byCause = Map.groupBy(
    found.toSorted((a, b) => a.created_at.getTime() - b.created_at.getTime() || (a.id < b.id ? -1 : 1)),
    ({ causation_id: cause }) => (cause !== null && ids.has(cause) ? cause : undefined),
  );
  const below = (cause: string | undefined): TracedEvent[] =>
    (byCause.get(cause) ?? []).map((event) => ({ ...event, effects: below(event.id) }));
  return below(undefined);
}

function notFound(id: string, isTimeKnown: boolean): PostboxError {
  const where = isTimeKnown ? "around its time" : `in the last ${defaultHours} hours`;
  return new PostboxError(
    "event-not-found",
    `No event has the id, the correlation id or the request id '${id}' ${where}. Say --since to search from an earlier moment; settled events are kept for 7 days.`,
  );
}
