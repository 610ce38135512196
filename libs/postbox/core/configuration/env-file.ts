import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { projectRoot } from "../project/project-root.ts";
import { nearMiss } from "../spelling/near-miss.ts";
import { allVariables } from "./known-variables.ts";

const envFile = (): string => join(projectRoot(), ".env");

/** Takes the variables of the project's `.env` into this process, if there is such a file. What is set already wins. */
export function loadEnvFile(): void {
  const path = envFile();
  if (existsSync(path)) process.loadEnvFile(path);
}

/** A variable that nothing reads, and the one that was probably meant. */
export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

/** Those of the project's `.env`. Other variables that nothing reads are somebody else's. */
export function misspeltVariables(): Misspelt[] {
  const path = envFile();
  return existsSync(path) ? misspeltIn(readFileSync(path, "utf8")) : [];
}

/** Those of a file's text. */
export function misspeltIn(text: string): Misspelt[] {
  const known = Object.keys(allVariables());
  const given = Object.keys(parseEnv(text)).filter((name) => !known.includes(name));
  return given.flatMap((name) => {
    const meant = nearMiss(name, known);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
