import { InvalidArgumentError } from "commander";
import { type ServiceName, serviceNames } from "../libs/config/services.ts";
import { notKnown } from "./near-miss.ts";

/** Reads a service's name. */
export function oneService(given: string): ServiceName {
  const name = serviceNames.find((service) => service === given);
  if (!name) throw new InvalidArgumentError(notKnown(given, "a service", serviceNames));
  return name;
}

/** Reads a service's name, or `all`. */
export function someServices(given: string): readonly ServiceName[] {
  if (given === "all") return serviceNames;
  if (!serviceNames.some((service) => service === given))
    throw new InvalidArgumentError(notKnown(given, "a service", ["all", ...serviceNames]));
  return [oneService(given)];
}

/** The services that take events. Nobody sends the gateway any: it has no worker. */
export const servicesWithWorker: readonly ServiceName[] = serviceNames.filter((name) => name !== "gateway");
