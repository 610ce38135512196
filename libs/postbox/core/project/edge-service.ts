import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostboxError } from "../errors/postbox-error.ts";
import { servicesIn } from "./service-names.ts";

/** A service's schema or a mixin's, as far as it tells of the HTTP edge. */
interface DeclaredSchema {
  /** True in the mixin `web`: requests from outside arrive at the service that has it. */
  readonly edge?: boolean;
  readonly mixins?: readonly DeclaredSchema[];
}

/**
 * The service of a project that requests from outside arrive at: the one whose service file has the mixin `web`.
 * Undefined in a project without one. Every service file is imported, so only tools ask for it.
 *
 * @param root the project's folder.
 * @throws PostboxError `configuration-invalid` where two services have the mixin.
 */
export async function edgeService(root: string): Promise<string | undefined> {
  const edges: string[] = [];
  for (const service of servicesIn(root)) {
    const path = join(root, "services", service, `${service}.service.ts`);
    const { default: schema }: { default: DeclaredSchema } = await import(pathToFileURL(path).href);
    if (isEdge(schema)) edges.push(service);
  }
  const [edge, other] = edges;
  if (other !== undefined)
    throw new PostboxError(
      "configuration-invalid",
      `'${edge}' and '${other}' both have the mixin 'web'. Requests arrive at one service; take the mixin off the other.`,
    );
  return edge;
}

function isEdge({ edge = false, mixins = [] }: DeclaredSchema): boolean {
  return edge || mixins.some(isEdge);
}
