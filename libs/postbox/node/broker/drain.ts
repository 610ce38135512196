import type { Middleware } from "moleculer";

/** A service that must end its work before any other service of the process stops. */
interface Drained {
  drain(): Promise<void>;
}

/**
 * Ends requests from outside first. Moleculer stops all services of a process at once: a gateway would hand requests
 * under way to services that have closed their databases. Readiness is red from the start of a stop, while a gateway
 * still drains.
 */
export const drain: Middleware = {
  name: "Drain",
  async stopping(broker) {
    const services: readonly unknown[] = broker.services;
    await Promise.all(services.filter(isDrained).map((service) => service.drain()));
  },
};

function isDrained(service: unknown): service is Drained {
  return typeof Reflect.get(Object(service), "drain") === "function";
}
