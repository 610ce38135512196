import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../core/project/project-root.ts";
import type { Contract } from "./contract.ts";

/** Where released contracts are kept, one file an event and version. */
export const frozenFolder = (): string => join(projectRoot(), "test/contracts");

/**
 * The name of a contract's file, which begins with the service that the contract belongs to. An event of any publisher
 * belongs to its target: `emails.any.request.mail.v1.json`.
 */
export const frozenName = ({ subject, version, targets }: Pick<Contract, "subject" | "version" | "targets">): string =>
  `${subject.replace("*", `${targets[0]}.any`)}.v${version}.json`;

export async function readFrozen(folder: string = frozenFolder()): Promise<Contract[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))));
}

/** Writes the contracts that are not frozen yet, and never one that is. Gives their names. */
export async function freeze(contracts: readonly Contract[], folder: string = frozenFolder()): Promise<string[]> {
  const frozen = new Set((await readFrozen(folder)).map(frozenName));
  const fresh = contracts.filter((contract) => !frozen.has(frozenName(contract)));
  await mkdir(folder, { recursive: true });
  for (const contract of fresh)
    await writeFile(join(folder, frozenName(contract)), `${JSON.stringify(contract, null, 2)}\n`, { flag: "wx" });
  return fresh.map(frozenName);
}
