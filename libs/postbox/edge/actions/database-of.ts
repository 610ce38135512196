import type { Service } from "moleculer";
import { Database } from "../../postgres/database.ts";

/** The database of a service that has the mixin `store`. Undefined for any other service. */
export function databaseOf(service: Service | null | undefined): Database | undefined {
  const database: unknown = service ? Reflect.get(service, "db") : undefined;
  return database instanceof Database ? database : undefined;
}
