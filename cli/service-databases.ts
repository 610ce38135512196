import { userInfo } from "node:os";
import { Database } from "../libs/postbox/postgres/database.ts";
import { withInstallation } from "./installation.ts";

/** A service with its database. */
export interface ServiceDatabase {
  readonly service: string;
  readonly database: Database;
}

/** Runs `work` with one service's database, open for as long as it takes. */
export function withServiceDatabase<T>(service: string, work: (database: Database) => Promise<T>): Promise<T> {
  return withServiceDatabases([service], async ([one]) => {
    if (!one) throw new TypeError(`The database of '${service}' was not opened.`);
    return work(one.database);
  });
}

/** The same for several services. */
export function withServiceDatabases<T>(
  services: readonly string[],
  work: (opened: readonly ServiceDatabase[]) => Promise<T>,
): Promise<T> {
  return withInstallation("Connecting", { goal: "databases" }, async (optionsOf) => {
    const opened = services.map((service) => ({
      service,
      database: new Database({ ...optionsOf(service), poolSize: 2, applicationName: "postbox-cli" }).as("job"),
    }));
    try {
      return await work(opened);
    } finally {
      await Promise.all(opened.map(({ database }) => database.close()));
    }
  });
}

/** Who works the command line, for the audit. */
export const actor = (): string => `cli:${userInfo().username}`;
