import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { listDeadLetters } from "../../libs/postbox/delivery/operations/list-dead-letters.ts";
import { printListing } from "../listing.ts";
import { type FilterFlags, toFilter } from "./filter.ts";
import { filterAt } from "./lots.ts";

export interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json?: boolean;
}

export function list(services: readonly string[], flags: ListFlags): Promise<void> {
  const [only = ""] = services;
  return printListing(serviceNames(), flags, {
    read: async (database, publisher) => {
      const filter = services.length > 1 ? toFilter(flags) : filterAt(publisher, only, toFilter(flags));
      return filter === undefined ? [] : listDeadLetters(database, filter, { limit: flags.limit });
    },
    columns: {
      id: "id",
      event: "event_type",
      to: "target",
      key: "key",
      attempts: "attempts",
      created: "created_at",
      error: "error_message",
    },
    none: "There are no dead letters.",
  });
}
