import { listJobs } from "../../libs/postbox/delivery/operations/list-jobs.ts";
import { printListing } from "../listing.ts";

export function list(services: readonly string[], flags: { readonly json?: boolean }): Promise<void> {
  return printListing(services, flags, {
    read: async (database) =>
      (await listJobs(database)).map(({ schedule, ...job }) => ({ schedule: schedule ?? "once", ...job })),
    columns: {
      job: "name",
      schedule: "schedule",
      zone: "time_zone",
      state: "state",
      next: "next_slot",
      last: "last_slot",
      ended: "last_status",
      error: "error_message",
    },
    none: "There are no jobs; a service's scheduler writes them down when it starts.",
  });
}
