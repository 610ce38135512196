import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { nearMiss } from "../spelling/near-miss.ts";
import { allVariables } from "./read.ts";

const path = resolve(import.meta.dirname, "../../.env");

/** Takes the variables of the clone's `.env` into this process, if there is such a file. What is set already wins. */
export function loadEnvFile(): void {
  if (existsSync(path)) process.loadEnvFile(path);
}

/** A variable that nothing reads, and the one that was probably meant. */
export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

/** Those of the clone's `.env`. Other variables that nothing reads are somebody else's. */
export function misspeltVariables(): Misspelt[] {
  return existsSync(path) ? misspeltIn(readFileSync(path, "utf8")) : [];
}

/** Those of a file's text. */
export function misspeltIn(text: string): Misspelt[] {
  const known = Object.keys(allVariables);
  const given = Object.keys(parseEnv(text)).filter((name) => !known.includes(name));
  return given.flatMap((name) => {
    const meant = nearMiss(name, known);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
