import type { Server } from "node:http";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { brokerOptions } from "../../libs/postbox/node/broker/broker-options.ts";
import { telemetryPort } from "../../libs/postbox/telemetry/telemetry-middleware.ts";
import { serviceFiles } from "./service-file.ts";
import type { ServiceChoice } from "./setup.ts";

/** Services that run in the test's own process. */
export interface LocalServices {
  readonly broker: ServiceBroker;
  /** Address of the gateway, `http://127.0.0.1:<port>`. Throws if it is not among them. */
  readonly gateway: string;
  /** Address of /metrics and /health. */
  readonly metrics: string;
  stop(): Promise<void>;
}

/** Starts services on a broker with the project's own options. */
export async function startLocally(config: Config, services: readonly ServiceChoice[]): Promise<LocalServices> {
  const broker = new ServiceBroker(brokerOptions(config));
  try {
    for (const service of services)
      for (const schema of typeof service === "string" ? await load(service) : [service]) broker.createService(schema);
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return {
    broker,
    get gateway() {
      return `http://127.0.0.1:${gatewayPort(broker)}`;
    },
    metrics: `http://127.0.0.1:${telemetryPort(broker)}`,
    stop: () => broker.stop(),
  };
}

function load(name: string): Promise<ServiceSchema[]> {
  return Promise.all(serviceFiles(name).map(async (path) => (await import(path)).default));
}

/** Port 0 was asked for; only the gateway's own server knows which it was given. */
function gatewayPort(broker: ServiceBroker): number {
  const gateway = broker.services.find(({ name }) => name === "gateway");
  const server: Server | undefined = gateway && Reflect.get(gateway, "server");
  const address = server?.address();
  if (typeof address !== "object" || !address) throw new Error("The gateway is not among the services that run here.");
  return address.port;
}
