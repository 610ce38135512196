import { config } from "../libs/config/config.ts";
import { databaseOptions } from "../libs/config/databases.ts";
import { loadEnvFile } from "../libs/config/env-file.ts";
import type { Config } from "../libs/config/read.ts";
import type { ServiceName } from "../libs/config/services.ts";
import type { DatabaseOptions } from "../libs/database/database.ts";
import { ensureStack } from "../libs/stack/ensure.ts";
import { type Progress, withProgress } from "./terminal/progress.ts";

/** Runs `work` with the installation at hand; where none runs, with one that is started for as long as it takes. */
export async function withInstallation<T>(
  title: string,
  { services }: { readonly services: boolean },
  work: (config: Config, progress: Progress) => Promise<T>,
): Promise<T> {
  loadEnvFile();
  return withProgress(title, async (progress) => {
    const stack = await ensureStack({ config: config(), services, report: progress.info });
    try {
      return await work(stack.config, progress);
    } finally {
      await stack.stop();
    }
  });
}

/** The same for what needs the databases only. */
export function withDatabases<T>(
  title: string,
  work: (databaseOf: (service: ServiceName) => DatabaseOptions, progress: Progress) => Promise<T>,
): Promise<T> {
  return withInstallation(title, { services: false }, (reached, progress) =>
    work((service) => databaseOptions(reached, service), progress),
  );
}
