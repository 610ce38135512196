import { type BrokerOptions, type Middleware, type ServiceBroker, Transporters } from "moleculer";
import type { NatsConnection } from "nats";

/**
 * The parts of Moleculer that Postbox reaches into and that its type declarations leave out. Read in version 0.15.2; the
 * test beside this file fails when an upgrade changes them.
 */
export const moleculerVersion = "0.15.2";

/** Transit options that hold back a change of a node's services for `ms` before other nodes hear of it. Default 1,000. */
export function announceAfter(ms: number): NonNullable<BrokerOptions["transit"]> {
  const options = { serviceChangedDebounceTime: ms };
  return options as NonNullable<BrokerOptions["transit"]>;
}

/** Moleculer's transporter, with its connection: null before it connects and after it has disconnected. */
export class TransporterWithClient extends Transporters.NATS {
  declare client: NatsConnection | null;
}

/** What a node says of itself in an INFO packet, as far as Postbox reads it. */
export interface NodeInfo {
  /** The id of the node. */
  readonly sender: string;
  /** Another one for each start of a process. */
  readonly instanceID?: string;
  readonly services?: readonly AnnouncedService[];
}

export interface AnnouncedService {
  readonly name: string;
  readonly settings?: { readonly face?: { readonly prefix?: string } };
  readonly actions?: Readonly<Record<string, { readonly name: string }>>;
}

type PacketHandler = (type: string, packet: { readonly payload: NodeInfo }) => Promise<boolean | undefined>;

/**
 * A middleware that reads each INFO packet before Moleculer does. A packet for which `refusal` gives a reason is dropped,
 * and the reason is logged.
 */
export function infoGuard(
  name: string,
  refusal: (info: NodeInfo, broker: ServiceBroker) => string | undefined,
): Middleware {
  const middleware = {
    name,
    transitMessageHandler(this: { readonly broker: ServiceBroker }, next: PacketHandler): PacketHandler {
      const { broker } = this;
      return (type, packet) => {
        const reason = type === "INFO" ? refusal(packet.payload, broker) : undefined;
        if (reason === undefined) return next(type, packet);
        broker.logger.error(reason);
        return Promise.resolve(false);
      };
    },
  };
  return middleware as unknown as Middleware;
}
