import type { ServiceName } from "../../libs/config/services.ts";
import { migrate } from "../../libs/migrations/migrate.ts";
import { withInstallation } from "../installation.ts";

export async function up(services: readonly ServiceName[]): Promise<void> {
  await withInstallation("Migrating", { goal: "servers" }, async (targetOf, progress) => {
    const ran = await Promise.all(
      services.map(async (service) => {
        const names = await migrate(service, targetOf(service), { direction: "up", logger: progress });
        return names.map((name) => `${service}: ${name}`);
      }),
    );
    const lines = ran.flat();
    console.log(lines.length > 0 ? `Applied ${lines.join(", ")}.` : "Nothing to do: every database is up to date.");
  });
}
