import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostboxError } from "../errors/postbox-error.ts";
import { projectRoot } from "./project-root.ts";
import { serviceNames } from "./service-names.ts";

/** The action that tells which access tokens were revoked. */
export interface RevocationSource {
  /** Full name, e.g. `v1.auth.revocations`. */
  readonly name: string;
}

let source: RevocationSource | undefined;

/**
 * Finds the service that issues access tokens: the one whose contracts have a `libs/<service>/revocations.ts`, which
 * exports the action as `revocations`. A project without one verifies tokens and revokes none.
 *
 * @throws PostboxError `configuration-invalid` where two services say so.
 */
export async function loadRevocationSource(): Promise<void> {
  const paths = serviceNames().map((service) => join(projectRoot(), "libs", service, "revocations.ts"));
  const [path, other] = paths.filter((one) => existsSync(one));
  if (path === undefined) return;
  if (other !== undefined)
    throw new PostboxError(
      "configuration-invalid",
      `${path} and ${other} both name who tells of revoked tokens. One service issues tokens; remove the other file.`,
    );
  const { revocations }: { revocations?: RevocationSource } = await import(pathToFileURL(path).href);
  source = revocations;
}

/** The action that tells which tokens were revoked; undefined in a project that has none. */
export const revocationSource = (): RevocationSource | undefined => source;
