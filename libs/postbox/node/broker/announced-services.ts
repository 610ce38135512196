import { ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { namespace } from "../../core/configuration/namespace.ts";
import type { Config } from "../../core/configuration/read.ts";
import type { NodeInfo } from "./moleculer-internals.ts";
import { nodeId } from "./node-id.ts";

/** The services that nodes announce, as they come in. */
export interface AnnouncedServices {
  /** Names without their version: `orders`, `orders.worker`. */
  readonly names: ReadonlySet<string>;
  stop(): void;
}

/**
 * Asks all nodes on a NATS what services they have, without becoming a node: a DISCOVER packet of Moleculer, whose answers
 * go to its sender alone.
 */
export function announcedServices(connection: NatsConnection, config: Pick<Config, "NATS_USER">): AnnouncedServices {
  const sender = nodeId(config, "doctor");
  const names = new Set<string>();
  const subscription = connection.subscribe(`MOL-${namespace}.INFO.${sender}`, {
    callback: (error, message) => {
      if (error) return;
      const { services = [] } = message.json<NodeInfo>();
      // `$node` is Moleculer's own.
      for (const { name } of services) if (!name.startsWith("$")) names.add(name);
    },
  });
  const packet = { ver: ServiceBroker.PROTOCOL_VERSION, sender };
  connection.publish(`MOL-${namespace}.DISCOVER`, JSON.stringify(packet));
  return { names, stop: () => subscription.unsubscribe() };
}
