import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostboxError } from "../errors/postbox-error.ts";
import { projectRoot } from "./project-root.ts";
import { serviceNames } from "./service-names.ts";

/** What a service file's schema says of the HTTP edge. The mixin `web` says it. */
export interface EdgeDeclaration {
  /** True: requests from outside arrive at this service. */
  readonly edge?: boolean;
}

interface DeclaredSchema extends EdgeDeclaration {
  readonly mixins?: readonly DeclaredSchema[];
}

/**
 * The service that requests from outside arrive at: the one whose service file has the mixin `web`. Undefined in a
 * project without one. Service files are imported, so this is for tools.
 *
 * @throws PostboxError `configuration-invalid` where two services have it: one port is published.
 */
export async function edgeService(): Promise<string | undefined> {
  const edges: string[] = [];
  for (const service of serviceNames()) {
    const path = join(projectRoot(), "services", service, `${service}.service.ts`);
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
