import { listRuns } from "../../libs/postbox/delivery/operations/list-runs.ts";
import { withServiceDatabase } from "../service-databases.ts";
import { printJson, printTable } from "../terminal/table.ts";

export async function runs(
  service: string,
  job: string,
  { limit, json }: { readonly limit: number; readonly json?: boolean },
): Promise<void> {
  const rows = await withServiceDatabase(service, (database) => listRuns(database, job, limit));
  if (json) return printJson(rows);
  if (rows.length === 0) return console.log(`The job '${job}' of ${service} has not run yet.`);
  printTable(
    ["slot", "status", "attempts", "started", "finished", "again at", "error"],
    rows.map((run) => [
      run.slot,
      run.status,
      run.attempts,
      run.started_at,
      run.finished_at,
      run.next_attempt_at,
      run.error_message,
    ]),
  );
}
