import type { ServiceName } from "../../libs/config/services.ts";
import type { Box } from "../../libs/operations/box.ts";
import { showEvent } from "../../libs/operations/dead-letters.ts";
import { showReceived } from "../../libs/operations/list-events.ts";
import { withServiceDatabase } from "../service-databases.ts";
import { printRecord } from "../terminal/record.ts";
import { printJson } from "../terminal/table.ts";

const shows = { outbox: showEvent, inbox: showReceived } as const;

export async function show(
  box: Box,
  service: ServiceName,
  id: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const event: object = await withServiceDatabase(service, (database) => shows[box](database, id));
  if (json) printJson(event);
  else printRecord(event);
}
