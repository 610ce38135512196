import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The newest API version of a service, by its folders `api/v1`, `api/v2`. */
export async function newestVersion(root: string, service: string): Promise<number> {
  const names = await readdir(join(root, "services", service, "api"));
  return Math.max(1, ...names.flatMap((name) => (/^v\d+$/.test(name) ? [Number(name.slice(1))] : [])));
}

/** The file of the Moleculer service that serves a version; each after the first stands in its version's folder. */
export function versionFile(service: string, version: number): string {
  return `services/${service}/${version === 1 ? "" : `api/v${version}/`}${service}.service.ts`;
}
