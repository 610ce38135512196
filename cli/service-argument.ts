import { Argument, Option } from "commander";
import { serviceNames } from "../libs/postbox/core/project/service-names.ts";
import { servicesWithApi, servicesWithWorker } from "../libs/postbox/core/project/service-parts.ts";
import { nearMiss, notKnown } from "../libs/postbox/core/spelling/near-miss.ts";
import { UsageError } from "./run.ts";

/** A service. */
export const oneService = (description: string) => new Argument("<service>", description).argParser(serviceNamed);

/** A service that must be named by a flag. */
export const serviceOption = (flags: string, description: string) =>
  new Option(flags, description).argParser(serviceNamed).makeOptionMandatory();

/** The service at the other end. It may be one that is gone by now, so only what was probably mistyped is refused. */
export const peerOption = (flags: string, description: string) =>
  new Option(flags, description).argParser((given) => {
    if (!isService(given) && nearMiss(given, serviceNames()) !== undefined)
      throw new UsageError(notKnown(given, "a service", serviceNames()));
    return given;
  });

/** A service, or all. */
export const someServices = () =>
  new Argument("[service]", "a service, or all")
    .default(serviceNames(), "all")
    .argParser((given): readonly string[] => {
      if (given === "all") return serviceNames();
      if (!isService(given)) throw new UsageError(notKnown(given, "a service", ["all", ...serviceNames()]));
      return [given];
    });

/** A service with an API of its own. */
export const serviceWithApi = () =>
  new Argument("<service>", "the service that offers it").argParser((given) => {
    const service = serviceNamed(given);
    if (servicesWithApi().includes(service)) return service;
    throw new UsageError(
      `'${service}' has no API of its own: there is no services/${service}/api/v1. Choose from: ${servicesWithApi().join(", ")}.`,
    );
  });

/** A service that publishes and receives events. */
export const serviceWithWorker = (description = "the service that publishes it") =>
  new Argument("<service>", description).argParser((given) => {
    const service = serviceNamed(given);
    if (servicesWithWorker().includes(service)) return service;
    throw new UsageError(
      `'${service}' has no events: there is no services/${service}/${service}.worker.service.ts. Choose from: ${servicesWithWorker().join(", ")}.`,
    );
  });

function serviceNamed(given: string): string {
  if (!isService(given)) throw new UsageError(notKnown(given, "a service", serviceNames()));
  return given;
}

const isService = (given: string): boolean => serviceNames().includes(given);
