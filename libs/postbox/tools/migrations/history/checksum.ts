import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { PostboxError } from "../../../core/errors/postbox-error.ts";

/**
 * The checksum of a migration, SHA-256 in hex, as a database records it when the migration is applied.
 *
 * The rules are frozen, so that any two releases compute the same checksum for the same migration. A newer release accepts
 * an older one's history, and the older release accepts the newer one's after a rollback.
 *
 * 1. The text of the file counts, and the text of every file that it imports by a relative path. Line ends count as `\n`.
 * 2. A type import of `postbox/migrations` counts as an import of the file that held the types in the first release.
 * 3. A file that only calls `engineSchema(n)` counts as version `n` of the engine's tables, whatever the file's name is.
 *
 * @throws PostboxError `migration-history` for an import of a file that does not exist.
 */
export async function checksumOf(path: string): Promise<string> {
  const texts = await textsOf(path, dirname(path), new Set());
  const version = engineMigration.exec(texts[0] ?? "")?.[1];
  return (version && engineChecksums.get(version)) ?? hashOf(texts);
}

/** The whole text of a migration of the engine's tables. */
const engineMigration =
  /^\s*import \{ engineSchema \} from ["']postbox\/migrations["'];?\s+export const \{ up, down \} = engineSchema\((\d+)\);?\s*$/;

/**
 * The checksums of the versions that the first release had, when a migration imported the statements themselves. A later
 * version has the checksum of its text: its statements are frozen in the runtime.
 */
const engineChecksums: ReadonlyMap<string, string> = new Map([
  ["1", "9231457873cc605fd63d73afbe4c642bfda5ed7d4fd6665c97345f2bf7bf36e3"],
  ["2", "8dcf195dee370bb9171c9fc32b76b1e838939162bac17a06c24ddb3064915cda"],
  ["3", "79575fd90a810a465030f7b97d6e89fa529014f079e2e91c0d04339ac35df92a"],
  ["4", "cbe632353e08c7623958ac2642f0335c5814f3f28e4c87d7eef07705dc8b06d3"],
]);

/** A relative import that stays at run time. An import of types alone is erased and cannot change what a migration does. */
const relativeImports = /^(?:import|export)\s+(?!type\b)[^;]*?["'](\.{1,2}\/[^"']+)["']/gm;
/** A type import of the entrance: all before its path, and the quote. */
const typeImports = /^(import type [^;"']*?)(["'])postbox\/migrations\2/gm;

/** The file that held the types in the first release, relative to the folder of a service's migrations. */
const firstTypes = "../../libs/migrations/migration.ts";

/** The text of the file and of what it imports, each once, in the order of the imports. */
async function textsOf(path: string, folder: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(path)) return [];
  seen.add(path);
  const text = (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
  const types = relative(dirname(path), join(folder, firstTypes)).replaceAll(sep, "/");
  const texts = [text.replace(typeImports, (_, before: string, quote: string) => `${before}${quote}${types}${quote}`)];
  for (const [, target = ""] of text.matchAll(relativeImports))
    texts.push(...(await textsOf(resolve(dirname(path), target), folder, seen).catch(orMissing(path, target))));
  return texts;
}

/** Says which import is missing, where the reason of a failure is that. */
function orMissing(path: string, target: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code !== "ENOENT") throw error;
    throw new PostboxError(
      "migration-history",
      `${path} imports '${target}', which does not exist. Bring that file back. The engine's tables are created by engineSchema(version) of 'postbox/migrations'.`,
    );
  };
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex");
}
