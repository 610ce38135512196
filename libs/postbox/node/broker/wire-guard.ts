import type { Middleware, ServiceBroker } from "moleculer";
import type { Config } from "../../core/configuration/read.ts";
import { serviceNames } from "../../core/project/service-names.ts";
import { type AnnouncedService, infoGuard, type NodeInfo } from "./moleculer-internals.ts";

/**
 * Refuses what a node says in a foreign name.
 *
 * A packet under this node's own id is refused: Moleculer would take it for a second node of that id, and end this one.
 *
 * Where each service has a NATS user of its own, a node may announce actions of a service only if the node's id begins
 * with that service's user. Otherwise whoever has the password of one service could have another's calls sent to itself.
 */
export function wireGuard({ NATS_USER }: Pick<Config, "NATS_USER">): Middleware {
  const userForEachService = serviceNames().some((name) => name === NATS_USER);
  return infoGuard("WireGuard", (info, broker) => refusal(info, broker, userForEachService));
}

/** Why the packet of a node is refused. Undefined: it is taken. */
function refusal(
  info: NodeInfo,
  { nodeID, instanceID }: ServiceBroker,
  userForEachService: boolean,
): string | undefined {
  try {
    if (info.sender === nodeID && info.instanceID !== instanceID)
      return `Another process speaks under the id of this node, '${nodeID}'; its packet is dropped.`;
    const owner =
      userForEachService && info.services?.flatMap(owners).find((one) => !info.sender.startsWith(`${one}.`));
    if (owner)
      return `Node '${info.sender}' announces actions of '${owner}', but its id does not begin with the NATS user '${owner}'; its packet is dropped.`;
  } catch (error) {
    return `A node announces itself in a form that cannot be read; its packet is dropped. ${error}`;
  }
  return undefined;
}

/** The services in whose name an announced service speaks. Moleculer's own `$node` speaks for none. */
function owners({ name, settings, actions = {} }: AnnouncedService): string[] {
  const names = [name, settings?.face?.prefix ?? name, ...Object.values(actions).map((action) => action.name)];
  return names.map((full) => full.replace(/^v\d+\./, "").split(".")[0] ?? "").filter((owner) => owner !== "$node");
}
