import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { traceEvents } from "../../libs/postbox/delivery/trace/trace-events.ts";
import { withServiceDatabases } from "../service-databases.ts";
import { printJson } from "../terminal/table.ts";
import { traceText } from "./trace-text.ts";

export interface TraceFlags {
  readonly since?: Date;
  readonly json?: boolean;
}

export async function trace(id: string, { since, json }: TraceFlags): Promise<void> {
  const found = await withServiceDatabases(serviceNames(), (opened) =>
    traceEvents(
      Object.fromEntries(opened.map(({ service, database }) => [service, database])),
      id,
      since === undefined ? {} : { since },
    ),
  );
  if (json) return printJson(found);
  console.log(traceText(found));
  if (found.truncated) console.error("There are more events than these; see one branch by the id of its event.");
}
