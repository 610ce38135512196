import { retryFailed } from "../../libs/postbox/delivery/operations/retry-failed.ts";
import { UsageError } from "../run.ts";
import { actor, withServiceDatabase } from "../service-databases.ts";
import { printJson } from "../terminal/table.ts";

export interface RetryFlags {
  readonly event?: string;
  readonly key?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export async function retry(service: string, ids: readonly string[], flags: RetryFlags): Promise<void> {
  const filter = {
    ...(ids.length > 0 && { ids }),
    ...(flags.event !== undefined && { eventType: flags.event }),
    ...(flags.key !== undefined && { key: flags.key }),
  };
  if (Object.keys(filter).length === 0 && !flags.all)
    throw new UsageError(`Say which: ids, --event or --key; or --all for every failed event of ${service}.`);
  const moved = await withServiceDatabase(service, (database) => retryFailed(database, filter, actor()));
  if (flags.json) return printJson({ service, ids: moved });
  console.log(
    `${moved.length} failed ${moved.length === 1 ? "event is" : "events are"} tried again by ${service} now.`,
  );
}
