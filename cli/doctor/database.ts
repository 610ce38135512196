import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { databaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { sqlState } from "../../libs/postbox/tools/migrations/database/sql-state.ts";
import { migrationStatus } from "../../libs/postbox/tools/migrations/history/migration-status.ts";
import { schemaDrift } from "../../libs/postbox/tools/migrations/schema/schema-drift.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";

/** A service's database: whether its migrations are applied, as they are in this release, and nobody changed it by hand. */
export function checkDatabase(config: Config, service: string): Promise<Finding> {
  const check = `database ${service}`;
  const target = databaseOptions(config, service);
  return finding(check, `Run postbox migrate status ${service} to see more.`, async () => {
    const states = await migrationStatus(service, target);
    const of = (state: string) => states.filter((one) => one.state === state).map(({ name }) => name);
    const [pending, changed, unknown] = [of("pending"), of("changed"), of("unknown to this release")];
    if (changed.length > 0)
      return fault(check, `changed after they were applied: ${changed.join(", ")}`, "Bring their text back.");
    if (pending.length > 0)
      return fault(check, `not applied yet: ${pending.join(", ")}`, `Run postbox migrate up ${service}.`);
    if (unknown.length > 0)
      return warning(check, `applied by a newer release: ${unknown.join(", ")}`, "Run that release.");
    const applied = `all ${states.length} migrations are applied`;
    const drift = await driftOf(service, target);
    if (drift === undefined)
      return ok(check, `${applied}; its user may not make a database to compare the schema with`);
    if (drift.length === 0) return ok(check, applied);
    const [first, ...others] = drift;
    return warning(
      check,
      `changed by hand: ${first}${others.length > 0 ? `, and ${others.length} more` : ""}`,
      "Write a migration for what is meant, and undo the rest.",
    );
  });
}

/** SQLSTATE of what a user may not do. */
const denied = "42501";

/** What was changed by hand, one line a thing: `+` where the migrations build it not; undefined if that cannot be seen. */
async function driftOf(service: string, target: ReturnType<typeof databaseOptions>): Promise<string[] | undefined> {
  try {
    const { missing, surplus } = await schemaDrift(service, target);
    return [...missing.map((line) => `- ${line}`), ...surplus.map((line) => `+ ${line}`)];
  } catch (error) {
    if (sqlState(error) === denied) return undefined;
    throw error;
  }
}
