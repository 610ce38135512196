import type { ServiceBroker } from "moleculer";
import type { Route } from "./route.ts";
import { RouteTable } from "./route-table.ts";
import { type ListedService, routesOf } from "./routes.ts";

/**
 * The routes of all services that have been seen since the start. The routes of a service that has left stay, so that its
 * paths answer `service-unavailable` and not `not-found`.
 */
export class RouteWatch {
  readonly #broker: ServiceBroker;
  readonly #seen = new Map<string, readonly Route[]>();
  #table = new RouteTable([]);
  #present: ReadonlySet<string> = new Set();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  get table(): RouteTable {
    return this.#table;
  }

  /** Whether an instance of the route's service is there now. */
  isPresent({ action }: Route): boolean {
    return this.#present.has(action);
  }

  /** Reads the registry again, after it changed. */
  refresh(): void {
    const listed = this.#listed().map((service) => [service.fullName, routesOf(service)] as const);
    for (const [name, routes] of listed) if (routes.length > 0) this.#seen.set(name, routes);
    this.#present = new Set(listed.flatMap(([, routes]) => routes.map(({ action }) => action)));
    this.#table = new RouteTable([...this.#seen.values()].flat());
    for (const { method, path, action } of this.#table.conflicts)
      this.#broker.logger.error(
        `${method} ${path} belongs to another action already; '${action}' is not reached by it. Give one of them another path.`,
      );
  }

  #listed(): readonly ListedService[] {
    return this.#broker.registry.getServiceList({ withActions: true, onlyAvailable: true, skipInternal: true });
  }
}
