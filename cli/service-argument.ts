import { Argument, Option } from "commander";
import { serviceNames } from "../libs/postbox/core/project/service-names.ts";
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

/** The services that take events. Nobody sends the gateway any: it has no worker. */
export const servicesWithWorker: readonly string[] = serviceNames().filter((name) => name !== "gateway");

/** A service with an API and events of its own. */
export const serviceWithApi = () =>
  new Argument("<service>", "the service it belongs to").argParser((given) => {
    if (given === "gateway")
      throw new UsageError(
        `'gateway' serves the APIs of the others and has neither API nor events of its own. Choose from: ${servicesWithWorker.join(", ")}.`,
      );
    return serviceNamed(given);
  });

function serviceNamed(given: string): string {
  if (!isService(given)) throw new UsageError(notKnown(given, "a service", serviceNames()));
  return given;
}

const isService = (given: string): given is string => serviceNames().some((name) => name === given);
