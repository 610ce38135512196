import type { DeadLetterFilter } from "../../libs/postbox/delivery/operations/dead-letter-filter.ts";
import { readPublished } from "../../libs/postbox/delivery/trace/read-states.ts";
import type { Database } from "../../libs/postbox/postgres/database.ts";
import { UsageError } from "../run.ts";
import type { ServiceDatabase } from "../service-databases.ts";

/** Dead letters of one publisher. */
export interface Lot {
  readonly publisher: string;
  readonly database: Database;
  readonly filter: DeadLetterFilter;
}

/**
 * The dead letters of a service: those that it has published, and those that others have published and it could not
 * handle. Each is in the outbox of its publisher.
 */
export function filterAt(publisher: string, service: string, filter: DeadLetterFilter): DeadLetterFilter | undefined {
  if (publisher === service) return filter;
  return filter.target === undefined || filter.target === service ? { ...filter, target: service } : undefined;
}

/** The lots of the dead letters of a service that fit a filter. */
export function lotsOf(opened: readonly ServiceDatabase[], service: string, filter: DeadLetterFilter): readonly Lot[] {
  return opened.flatMap(({ service: publisher, database }) => {
    const own = filterAt(publisher, service, filter);
    return own === undefined ? [] : [{ publisher, database, filter: own }];
  });
}

/**
 * The lots of events that are named by their ids. An id that no outbox has is looked for in the service's own, which says
 * so.
 *
 * @throws UsageError for an event that the service has neither published nor received: it says whose the event is.
 */
export async function lotsOfIds(
  opened: readonly ServiceDatabase[],
  service: string,
  ids: readonly string[],
  filter: DeadLetterFilter,
): Promise<readonly Lot[]> {
  const publishers = new Map<string, string[]>();
  for (const id of ids) {
    const publisher = await publisherOf(opened, service, id);
    publishers.set(publisher, [...(publishers.get(publisher) ?? []), id]);
  }
  return opened.flatMap(({ service: publisher, database }) => {
    const own = publishers.get(publisher);
    return own === undefined ? [] : [{ publisher, database, filter: { ...filter, ids: own } }];
  });
}

async function publisherOf(opened: readonly ServiceDatabase[], service: string, id: string): Promise<string> {
  for (const { service: publisher, database } of opened) {
    const event = await readPublished(database, id);
    if (event === undefined) continue;
    if (publisher === service || event.target === service) return publisher;
    throw new UsageError(
      `Event ${id} was published by ${publisher} for ${event.target}, so it is none of ${service}'s. Name one of these two.`,
    );
  }
  return service;
}
