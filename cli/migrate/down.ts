import { migrate } from "../../libs/postbox/tools/migrations/running/migrate.ts";
import { withInstallation } from "../installation.ts";

export async function down(service: string, { steps }: { readonly steps: number }): Promise<void> {
  await withInstallation("Taking migrations back", { goal: "servers" }, async (targetOf, progress) => {
    const names = await migrate(service, targetOf(service), { direction: "down", steps, logger: progress });
    console.log(
      names.length > 0 ? `Took back ${names.join(", ")} of ${service}.` : `Nothing to take back in ${service}.`,
    );
  });
}
