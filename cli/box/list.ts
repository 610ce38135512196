import { type Box, boxes } from "../../libs/postbox/delivery/operations/box.ts";
import { listEvents } from "../../libs/postbox/delivery/operations/list-events.ts";
import { printListing } from "../listing.ts";

export interface ListFlags {
  readonly status?: string;
  readonly event?: string;
  readonly target?: string;
  readonly source?: string;
  readonly key?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const preposition = { outbox: "to", inbox: "from" } as const;

export function list(box: Box, services: readonly string[], flags: ListFlags): Promise<void> {
  const { peer, since } = boxes[box];
  const filter = {
    ...(flags.status !== undefined && { status: flags.status }),
    ...(flags.event !== undefined && { eventType: flags.event }),
    ...(flags[peer] !== undefined && { peer: flags[peer] }),
    ...(flags.key !== undefined && { key: flags.key }),
  };
  return printListing(services, flags, {
    read: (database) => listEvents(database, box, filter, flags.limit),
    columns: {
      id: "id",
      event: "event_type",
      [preposition[box]]: peer,
      key: "key",
      status: "status",
      attempts: "attempts",
      [since.replace("_at", "")]: since,
      error: "error_message",
    },
    none: `No event of the ${box} fits${flags.status === undefined ? "; what is final is listed by --status processed or skipped" : ""}.`,
  });
}
