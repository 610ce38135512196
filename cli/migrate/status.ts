import { migrationStatus } from "../../libs/postbox/tools/migrations/history/migration-status.ts";
import { withInstallation } from "../installation.ts";
import { Verdict } from "../run.ts";
import { printJson, printTable } from "../terminal/table.ts";

export async function status(services: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  await withInstallation("Reading histories", { goal: "servers" }, async (targetOf) => {
    const lists = await Promise.all(
      services.map(async (service) => {
        const states = await migrationStatus(service, targetOf(service));
        return states.map((state) => ({ service, ...state }));
      }),
    );
    const states = lists.flat();
    if (json) printJson(states);
    else
      printTable(
        ["service", "migration", "state", "applied"],
        states.map(({ service, name, state, appliedAt }) => [service, name, state, appliedAt]),
      );
    const open = states.filter(({ state }) => state === "pending" || state === "changed");
    if (open.length > 0) throw new Verdict(`${open.length} of ${states.length} migrations are pending or changed.`);
  });
}
