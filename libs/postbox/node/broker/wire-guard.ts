import type { Middleware, ServiceBroker } from "moleculer";
import type { Config } from "../../core/configuration/read.ts";
import { serviceNames } from "../../core/project/service-names.ts";

/** What a node says of itself, as far as it is looked at. */
interface NodeInfo {
  readonly sender: string;
  readonly instanceID?: string;
  readonly services?: readonly AnnouncedService[];
}

interface AnnouncedService {
  readonly name: string;
  readonly settings?: { readonly face?: { readonly prefix?: string } };
  readonly actions?: Readonly<Record<string, { readonly name: string }>>;
}

type Handler = (cmd: string, packet: { readonly payload: NodeInfo }) => Promise<boolean | undefined>;

/**
 * Refuses what another node says in a foreign name.
 *
 * A packet that bears this node's own name would end it: Moleculer takes it for a second node of that name, which there
 * cannot be here. And where each service has a NATS user of its own, a node is believed to have the actions of that
 * service only by whose user it can be reached: else whoever has the password of users could have logins sent to it.
 */
export function wireGuard({ NATS_USER }: Pick<Config, "NATS_USER">): Middleware {
  const apart = serviceNames().some((name) => name === NATS_USER);
  return {
    name: "WireGuard",
    transitMessageHandler(this: { readonly broker: ServiceBroker }, next: Handler): Handler {
      const { broker } = this;
      return (cmd, packet) => {
        const refused = cmd === "INFO" ? refusal(packet.payload, broker, apart) : undefined;
        if (refused === undefined) return next(cmd, packet);
        broker.logger.error(refused);
        return Promise.resolve(false);
      };
    },
  } as unknown as Middleware;
}

/** Why a node is not believed what it says of itself; undefined if it is. */
function refusal(info: NodeInfo, { nodeID, instanceID }: ServiceBroker, apart: boolean): string | undefined {
  try {
    if (info.sender === nodeID && info.instanceID !== instanceID)
      return "Somebody else speaks in the name of this node; what it says is thrown away.";
    const owner = apart && info.services?.flatMap(owners).find((one) => !info.sender.startsWith(`${one}.`));
    if (owner) return `Node '${info.sender}' says that it has actions of '${owner}', whose user it does not bear.`;
  } catch (error) {
    return `A node says of itself what cannot be read: ${error}`;
  }
  return undefined;
}

/** The services in whose name a service of the registry speaks; Moleculer's own, `$node`, speaks for none. */
function owners({ name, settings, actions = {} }: AnnouncedService): string[] {
  const names = [name, settings?.face?.prefix ?? name, ...Object.values(actions).map((action) => action.name)];
  return names.map((full) => full.replace(/^v\d+\./, "").split(".")[0] ?? "").filter((owner) => owner !== "$node");
}
