import { checkMigrations } from "../../libs/postbox/tools/migrations/schema/check-migrations.ts";
import { withInstallation } from "../installation.ts";
import { Verdict } from "../run.ts";
import { printJson } from "../terminal/table.ts";

export async function check(services: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  await withInstallation("Comparing models and migrations", { goal: "servers" }, async (targetOf) => {
    const results = [];
    for (const service of services) results.push({ service, ...(await checkMigrations(service, targetOf(service))) });
    if (json) printJson(results);
    const differing = results.filter(({ missing, surplus }) => missing.length + surplus.length > 0);
    if (!json)
      for (const { service, missing, surplus } of differing) {
        console.log(`${service}: models and migrations differ`);
        for (const line of missing) console.log(`  + ${line}`);
        for (const line of surplus) console.log(`  - ${line}`);
      }
    if (differing.length > 0)
      throw new Verdict(
        `Write what is missing by: ${differing.map(({ service }) => `postbox migrate make ${service} "…"`).join("; ")}`,
      );
    if (!json) console.log("Models and migrations agree.");
  });
}
