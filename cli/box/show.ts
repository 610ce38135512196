import type { Box } from "../../libs/postbox/delivery/operations/box.ts";
import { showPublished } from "../../libs/postbox/delivery/operations/show-published.ts";
import { showReceived } from "../../libs/postbox/delivery/operations/show-received.ts";
import type { Database } from "../../libs/postbox/postgres/database.ts";
import { withServiceDatabase } from "../service-databases.ts";
import { printRecord } from "../terminal/record.ts";
import { printJson } from "../terminal/table.ts";

const shows: Record<Box, (database: Database, id: string) => Promise<object>> = {
  outbox: showPublished,
  inbox: showReceived,
};

export async function show(
  box: Box,
  service: string,
  id: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const event = await withServiceDatabase(service, (database) => shows[box](database, id));
  if (json) printJson(event);
  else printRecord(event);
}
