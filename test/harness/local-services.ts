import type { Server } from "node:http";
import { type Service, ServiceBroker, type ServiceSchema } from "moleculer";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import type { Gateway } from "../../libs/postbox/edge/gateway/gateway.ts";
import type { Route } from "../../libs/postbox/edge/routes/route.ts";
import { brokerOptions } from "../../libs/postbox/node/broker/broker-options.ts";
import type { ServiceRuntime } from "../../libs/postbox/node/runtime/service-runtime.ts";
import { shareRuntime } from "../../libs/postbox/node/runtime/shared-runtime.ts";
import { telemetryPort } from "../../libs/postbox/telemetry/telemetry-middleware.ts";
import { type ServiceChoice, serviceFiles } from "./service-file.ts";

/** Services that run in the test's own process. */
export interface LocalServices {
  readonly broker: ServiceBroker;
  /** Address of the gateway, `http://127.0.0.1:<port>`. Throws if it is not among them. */
  readonly gateway: string;
  /** Address of /metrics and /health. */
  readonly metrics: string;
  /** The routes that the gateway serves now. Throws if it is not among them. */
  readonly routes: readonly Route[];
  /** The database, outbox and connection to NATS that a service among them works with: for faults of just this process. */
  runtime(service: string): ServiceRuntime;
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
    get routes() {
      const { routes }: Gateway = Reflect.get(gatewayOf(broker), "gateway");
      return routes.table.routes;
    },
    runtime: (service) => {
      if (!broker.services.some(({ name }) => name.split(".")[0] === service))
        throw new Error(`The service '${service}' is not among those that run here.`);
      const { runtime, release } = shareRuntime(broker, service, () => ({}));
      // The service itself keeps it open.
      void release();
      return runtime;
    },
    stop: () => broker.stop(),
  };
}

function load(name: string): Promise<ServiceSchema[]> {
  return Promise.all(serviceFiles(name).map(async (path) => (await import(path)).default));
}

/** The service with the mixin `web`. */
function gatewayOf(broker: ServiceBroker): Service {
  const gateway = broker.services.find(({ schema }) => Reflect.get(schema, "edge") === true);
  if (!gateway) throw new Error("The gateway is not among the services that run here.");
  return gateway;
}

/** Port 0 was asked for; only the gateway's own server knows which it was given. */
function gatewayPort(broker: ServiceBroker): number {
  const server: Server = Reflect.get(gatewayOf(broker), "server");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The gateway does not listen.");
  return address.port;
}
