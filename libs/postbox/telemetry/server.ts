import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { listen } from "../core/network/listen.ts";
import { metrics } from "./metrics.ts";
import { addReadinessCheck, readiness } from "./readiness.ts";

/** The server on METRICS_PORT: `/metrics`, `/health/live`, `/health/ready`. */
export interface TelemetryServer {
  /** The port that the server listens on. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens the telemetry server. The process is live at once, and ready once the broker has started and every check passes.
 *
 * @param port 0 takes a free port.
 * @param address undefined: all addresses of this machine.
 * @throws PostboxError `port-taken`, `configuration-invalid`.
 */
export async function openTelemetryServer(
  broker: ServiceBroker,
  port: number,
  address: string | undefined,
): Promise<TelemetryServer> {
  const server = createServer((request, response) => {
    answer(broker, request, response).catch((error: unknown) => {
      broker.logger.error("A request to METRICS_PORT failed", error);
      send(response, 500, "text/plain", "The server failed.\n");
    });
  });
  await listen(server, { port, variable: "METRICS_PORT", address });
  addReadinessCheck(broker, "broker", () => {
    if (!broker.started || broker.stopping) throw new Error(broker.stopping ? "stopping" : "starting");
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(broker: ServiceBroker, { method, url }: IncomingMessage, response: ServerResponse) {
  if (method !== "GET" && method !== "HEAD") return send(response, 405, "text/plain", "Only GET is taken here.\n");
  switch (url?.split("?")[0]) {
    case "/metrics":
      return send(response, 200, metrics.contentType, await metrics.metrics());
    case "/health/live":
      return send(response, 200, "application/json", JSON.stringify({ status: "live" }));
    case "/health/ready": {
      const { ready, checks } = await readiness(broker);
      const body = JSON.stringify({ status: ready ? "ready" : "not ready", checks });
      return send(response, ready ? 200 : 503, "application/json", body);
    }
    default:
      return send(response, 404, "text/plain", "There are /metrics, /health/live and /health/ready.\n");
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}
