import { resolveDeadLetters } from "../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { UsageError } from "../run.ts";
import { actor, withServiceDatabase } from "../service-databases.ts";
import { printJson } from "../terminal/table.ts";
import { type FilterFlags, toFilter } from "./filter.ts";

export interface ResolveFlags extends FilterFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

const done = { replay: "sent again", skip: "let go" } as const;

export async function resolve(
  verb: "replay" | "skip",
  service: string,
  ids: readonly string[],
  flags: ResolveFlags,
): Promise<void> {
  const filter = { ...toFilter(flags), ...(ids.length > 0 && { ids }) };
  if (Object.keys(filter).length === 0 && !flags.all)
    throw new UsageError(`Say which: ids, --event, --target or --key; or --all for every dead letter of ${service}.`);
  const moved = await withServiceDatabase(service, (database) => resolveDeadLetters(database, verb, filter, actor()));
  if (flags.json) return printJson({ service, verb, ids: moved });
  console.log(`${moved.length} dead ${moved.length === 1 ? "letter" : "letters"} of ${service} ${done[verb]}.`);
}
