import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { allVariables } from "../configuration/known-variables.ts";
import { nearMiss } from "../spelling/near-miss.ts";
import { projectRoot } from "./project-root.ts";

const envFile = (): string => join(projectRoot(), ".env");

/** Reads the project's `.env` into this process's environment, if there is such a file. What is set already stays. */
export function loadEnvFile(): void {
  const path = envFile();
  if (existsSync(path)) process.loadEnvFile(path);
}

/** A variable that nothing reads, and the name that was probably meant. */
export interface MisspeltVariable {
  readonly name: string;
  readonly meant: string;
}

/** The misspelt variables of the project's `.env`. */
export function misspeltVariables(): MisspeltVariable[] {
  const path = envFile();
  return existsSync(path) ? misspeltIn(readFileSync(path, "utf8")) : [];
}

/** The misspelt variables of an `.env` file's text. Names unlike any known one belong to other programs. */
export function misspeltIn(text: string): MisspeltVariable[] {
  const known = Object.keys(allVariables());
  const unknown = Object.keys(parseEnv(text)).filter((name) => !known.includes(name));
  return unknown.flatMap((name) => {
    const meant = nearMiss(name, known);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
