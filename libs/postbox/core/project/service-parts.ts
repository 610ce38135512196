import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project-root.ts";
import { serviceNames } from "./service-names.ts";

const ending = ".service.ts";

/**
 * The parts of a service, each a container in production: `orders` serves its API, `orders.worker` handles its events,
 * `orders.scheduler` runs its jobs. Each has a file of that name in the service's folder.
 */
export function serviceParts(service: string): readonly string[] {
  return readdirSync(join(projectRoot(), "services", service))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** The services that receive events: those with a `<service>.worker.service.ts`. */
export function servicesWithWorker(): readonly string[] {
  return serviceNames().filter((service) => has(service, `${service}.worker${ending}`));
}

/** The services with an API of their own: those with a folder `api/v1`. */
export function servicesWithApi(): readonly string[] {
  return serviceNames().filter((service) => has(service, "api/v1"));
}

const has = (service: string, path: string): boolean => existsSync(join(projectRoot(), "services", service, path));
