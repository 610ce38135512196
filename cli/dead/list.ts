import { listDeadLetters } from "../../libs/postbox/delivery/operations/list-dead-letters.ts";
import { printListing } from "../listing.ts";
import { type FilterFlags, toFilter } from "./filter.ts";

export interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json?: boolean;
}

export function list(services: readonly string[], flags: ListFlags): Promise<void> {
  return printListing(services, flags, {
    read: (database) => listDeadLetters(database, toFilter(flags), { limit: flags.limit }),
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
