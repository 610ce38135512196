import type { ServiceBroker } from "moleculer";
import type { Route } from "./route.ts";
import { RouteTable } from "./route-table.ts";
import { type ListedService, routesOf } from "./routes.ts";

/**
 * The routes of every service that has been seen. Those of one that left stay: its paths then answer that it is away,
 * not that they do not exist.
 */
export class RouteWatch {
  readonly #broker: ServiceBroker;
  readonly #seen = new Map<string, readonly Route[]>();
  #table = new RouteTable([]);

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  get table(): RouteTable {
    return this.#table;
  }

  /** Reads the registry again, after it changed. */
  refresh(): void {
    for (const service of this.#listed()) {
      const routes = routesOf(service);
      if (routes.length > 0) this.#seen.set(service.fullName, routes);
    }
    this.#table = new RouteTable([...this.#seen.values()].flat());
    for (const { method, path, action } of this.#table.conflicts)
      this.#broker.logger.error(`${method} ${path} is taken by another action; '${action}' cannot be reached by it.`);
  }

  #listed(): readonly ListedService[] {
    return this.#broker.registry.getServiceList({ withActions: true, onlyAvailable: true, skipInternal: true });
  }
}
