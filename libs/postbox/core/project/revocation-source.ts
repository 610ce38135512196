import { PostboxError } from "../errors/postbox-error.ts";
import { serviceModules } from "./service-modules.ts";

/** The action that returns the access tokens revoked of late. */
export interface RevocationSource {
  /** Full name, e.g. `v1.auth.revocations`. */
  readonly name: string;
}

let source: RevocationSource | undefined;

/** The project's source of revocations; undefined in a project that revokes no tokens. */
export const revocationSource = (): RevocationSource | undefined => source;

/** Finds the project's source of revocations, for `revocationSource`. */
export async function loadRevocationSource(root: string): Promise<void> {
  source = await findRevocationSource(root);
}

/**
 * The action that a service exports as `revocations` from its `libs/<service>/revocations.ts`. The service that issues
 * access tokens has such a file. A project without one verifies tokens and revokes none.
 *
 * @throws PostboxError `configuration-invalid` where two services have such a file.
 */
export async function findRevocationSource(root: string): Promise<RevocationSource | undefined> {
  const modules = await serviceModules<{ revocations: RevocationSource }>(root, "libs", "revocations.ts");
  const [first, second] = modules;
  if (second !== undefined)
    throw new PostboxError(
      "configuration-invalid",
      `${first?.path} and ${second.path} both name a source of revoked tokens. One service issues tokens; remove the other file.`,
    );
  return first?.exports.revocations;
}
