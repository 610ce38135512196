import type { ServiceName } from "../../libs/config/services.ts";
import { showEvent } from "../../libs/operations/dead-letters.ts";
import { withServiceDatabase } from "../service-databases.ts";
import { printRecord } from "../terminal/record.ts";
import { printJson } from "../terminal/table.ts";

export async function show(service: ServiceName, id: string, { json }: { readonly json: boolean }): Promise<void> {
  const event = await withServiceDatabase(service, (database) => showEvent(database, id));
  if (json) printJson(event);
  else printRecord(event);
}
