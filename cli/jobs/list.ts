import type { ServiceName } from "../../libs/config/services.ts";
import { listJobs } from "../../libs/operations/jobs.ts";
import { withServiceDatabases } from "../service-databases.ts";
import { printJson, printTable } from "../terminal/table.ts";

export async function list(services: readonly ServiceName[], { json }: { readonly json: boolean }): Promise<void> {
  const rows = await withServiceDatabases(services, async (opened) => {
    const lists = opened.map(async ({ service, database }) =>
      (await listJobs(database)).map((job) => ({ service, ...job })),
    );
    return (await Promise.all(lists)).flat();
  });
  if (json) return printJson(rows);
  printTable(
    ["service", "job", "schedule", "zone", "state", "next", "last", "ended", "error"],
    rows.map((job) => [
      job.service,
      job.name,
      job.schedule ?? "once",
      job.time_zone,
      job.state,
      job.next_slot,
      job.last_slot,
      job.last_status,
      job.error_message,
    ]),
  );
}
