import type { Middleware, ServiceBroker } from "moleculer";
import { listenAddress } from "../core/configuration/listen-address.ts";
import type { Config } from "../core/configuration/read.ts";
import { openTelemetryServer, type TelemetryServer } from "./server.ts";

const servers = new WeakMap<ServiceBroker, TelemetryServer>();

/** Serves metrics and health, from before the first service starts until after the last service has stopped. */
export function telemetry(config: Config): Middleware {
  return {
    name: "Observability",
    async starting(broker: ServiceBroker) {
      servers.set(broker, await openTelemetryServer(broker, config.METRICS_PORT, listenAddress(config)));
    },
    async stopped(broker: ServiceBroker) {
      await servers.get(broker)?.close();
    },
  };
}

/** The port on which this broker serves metrics and health, once it starts. */
export function telemetryPort(broker: ServiceBroker): number | undefined {
  return servers.get(broker)?.port;
}
