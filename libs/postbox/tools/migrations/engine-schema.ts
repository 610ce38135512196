import { readdir } from "node:fs/promises";

const folder = new URL("../../delivery/schema/", import.meta.url);

/** The versions of the delivery engine's schema, in order: each is a file `delivery/schema/v<n>.ts`. */
export async function engineVersions(): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => /^v(\d+)\.ts$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The statements of all its versions, in order. */
export async function engineStatements(): Promise<string[]> {
  const statements: string[] = [];
  for (const version of await engineVersions()) {
    const { up }: { up: readonly string[] } = await import(new URL(`v${version}.ts`, folder).href);
    statements.push(...up);
  }
  return statements;
}
