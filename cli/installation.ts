import { config } from "../libs/postbox/core/configuration/config.ts";
import { loadEnvFile } from "../libs/postbox/core/project/env-file.ts";
import type { DatabaseOptions } from "../libs/postbox/postgres/connection/database-options.ts";
import { databaseOptions, serverOptions } from "../libs/postbox/postgres/connection/database-options.ts";
import { ensureStack } from "../libs/postbox/tools/stack/ensure.ts";
import { abortable } from "../libs/postbox/tools/stack/wait/abortable.ts";
import { explained } from "./database-fault.ts";
import { interruptible } from "./terminal/interruptible.ts";
import { type Progress, withProgress } from "./terminal/progress.ts";

/**
 * Runs `work` with the databases of the installation at hand; where none runs, with one that is started for as long as
 * it takes: with its databases as they are left (`servers`), or brought up to date (`databases`). A Ctrl-C ends it, and
 * stops what was started.
 */
export async function withInstallation<T>(
  title: string,
  { goal }: { readonly goal: "servers" | "databases" },
  work: (databaseOf: (service: string) => DatabaseOptions, progress: Progress) => Promise<T>,
): Promise<T> {
  loadEnvFile();
  return interruptible((signal) =>
    withProgress(title, async (progress) => {
      const stack = await ensureStack({ config: config(), goal, report: progress.info, signal });
      try {
        return await abortable(signal)(work((service) => databaseOptions(stack.config, service), progress));
      } catch (error) {
        throw explained(error, serverOptions(stack.config));
      } finally {
        await stack.stop();
      }
    }),
  );
}
