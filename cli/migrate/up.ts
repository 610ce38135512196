import { PostboxError } from "../../libs/postbox/core/errors/postbox-error.ts";
import { migrate } from "../../libs/postbox/tools/migrations/running/migrate.ts";
import { withInstallation } from "../installation.ts";

export async function up(services: readonly string[]): Promise<void> {
  await withInstallation("Migrating", { goal: "servers" }, async (targetOf, progress) => {
    // Every service is migrated to its end: the failure of one service must not interrupt another.
    const ran = await Promise.allSettled(
      services.map(async (service) => {
        const names = await migrate(service, targetOf(service), { direction: "up", logger: progress });
        return names.map((name) => `${service}: ${name}`);
      }),
    );
    const lines = ran.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const [failure, ...others] = ran.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    if (lines.length > 0) console.log(`Applied ${lines.join(", ")}.`);
    else if (!failure) console.log("Nothing to do: every database is up to date.");
    // An error of another kind is the server's, and every service has met the same.
    for (const other of others) if (other instanceof PostboxError) progress.warn(other.message);
    if (failure) throw failure;
  });
}
