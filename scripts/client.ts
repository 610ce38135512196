import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { accessFile, accessTable } from "../libs/postbox/tools/client/access-table.ts";
import { generateClients } from "../libs/postbox/tools/client/generate.ts";
import { declaredApis } from "./declared-documents.ts";

/**
 * `npm run client [-- --check]`: writes `clients/<service>.v<version>.ts` of what the services declare, one for each
 * version of their APIs, and what is the same in several of them once. Also writes who reaches which route. Nothing
 * has to run for it. With `--check`, only says whether the files are up to date.
 */
const root = projectRoot();
const apis = await declaredApis();
const clients = [...generateClients(apis.map(({ document }) => document))].map(([name, source]) => {
  const file = join(root, "clients", `${name}.ts`);
  // Twice: Biome breaks some lines in the first pass that it joins again in the second.
  return [file, formatted(formatted(source, file), file)] as const;
});
const table = [join(root, accessFile), accessTable(apis.flatMap(({ routes }) => routes))] as const;
const stale: string[] = [];
for (const [file, text] of [...clients, table]) {
  const before = await readFile(file, "utf8").catch(() => "");
  if (before === text) continue;
  stale.push(file);
  if (!process.argv.includes("--check")) await writeFile(file, text);
}
for (const file of stale)
  console.log(`${file} ${process.argv.includes("--check") ? "is stale; run npm run client" : "written"}`);
process.exit(process.argv.includes("--check") && stale.length > 0 ? 1 : 0);

function formatted(source: string, file: string): string {
  const biome = join(root, "node_modules/.bin/biome");
  return execFileSync(biome, ["format", "--stdin-file-path", file], { input: source, encoding: "utf8" });
}
