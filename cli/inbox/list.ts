import type { ServiceName } from "../../libs/config/services.ts";
import { type InboxFilter, listInbox } from "../../libs/operations/list-inbox.ts";
import { withServiceDatabases } from "../service-databases.ts";
import { printJson, printTable } from "../terminal/table.ts";

export interface ListFlags extends InboxFilter {
  readonly event?: string;
  readonly limit: number;
  readonly json: boolean;
}

export async function list(
  services: readonly ServiceName[],
  { event, limit, json, ...rest }: ListFlags,
): Promise<void> {
  const filter = { ...rest, ...(event !== undefined && { eventType: event }) };
  const rows = await withServiceDatabases(services, async (opened) => {
    const lists = opened.map(async ({ service, database }) =>
      (await listInbox(database, filter, limit)).map((row) => ({ service, ...row })),
    );
    return (await Promise.all(lists)).flat();
  });
  if (json) return printJson(rows);
  printTable(
    ["service", "id", "event", "from", "key", "status", "attempts", "received", "error"],
    rows.map((row) => [
      row.service,
      row.id,
      row.event_type,
      row.source,
      row.key,
      row.status,
      row.attempts,
      row.received_at,
      row.error_message,
    ]),
  );
}
