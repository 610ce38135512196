import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { resolveDeadLetters } from "../../libs/postbox/delivery/operations/resolve-dead-letters.ts";
import { UsageError } from "../run.ts";
import { actor, withServiceDatabases } from "../service-databases.ts";
import { printJson } from "../terminal/table.ts";
import { type FilterFlags, toFilter } from "./filter.ts";
import { lotsOf, lotsOfIds } from "./lots.ts";

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
  const filter = toFilter(flags);
  if (ids.length === 0 && Object.keys(filter).length === 0 && !flags.all)
    throw new UsageError(`Say which: ids, --event, --target or --key; or --all for every dead letter of ${service}.`);
  const moved = await withServiceDatabases(serviceNames(), async (opened) => {
    const lots = ids.length > 0 ? await lotsOfIds(opened, service, ids, filter) : lotsOf(opened, service, filter);
    const resolved: { publisher: string; ids: readonly string[] }[] = [];
    for (const { publisher, database, filter: own } of lots)
      resolved.push({ publisher, ids: await resolveDeadLetters(database, verb, own, actor()) });
    return resolved;
  });
  if (flags.json) return printJson({ service, verb, ids: moved.flatMap((lot) => lot.ids) });
  for (const { publisher, ids: letters } of moved) {
    if (letters.length === 0 && publisher !== service) continue;
    const whose = publisher === service ? service : `${publisher} for ${service}`;
    console.log(`${letters.length} dead ${letters.length === 1 ? "letter" : "letters"} of ${whose} ${done[verb]}.`);
  }
}
