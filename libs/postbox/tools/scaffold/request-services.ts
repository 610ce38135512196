import { PostboxError } from "../../core/errors/postbox-error.ts";
import { edgeService } from "../../core/project/edge-service.ts";
import { serviceModules } from "../../core/project/service-modules.ts";

/**
 * The service that scaffolded tests send their requests to.
 *
 * @throws PostboxError `scaffold-failed` in a project without one.
 */
export async function edgeOf(root: string): Promise<string> {
  const edge = await edgeService(root);
  if (edge === undefined)
    throw new PostboxError(
      "scaffold-failed",
      "No service has the mixin 'web', so nothing here can be reached from outside. Give a service the mixin first.",
    );
  return edge;
}

/** The services that a user's request needs beside the one it asks: the edge, and the issuer of tokens where there is one. */
export async function requestServices(root: string): Promise<readonly string[]> {
  const issuers = await serviceModules(root, "libs", "revocations.ts");
  return [await edgeOf(root), ...issuers.map(({ service }) => service)];
}
