import type { Config } from "../../core/configuration/read.ts";
import { checkPorts } from "./check-ports.ts";
import { homeFolder } from "./home/paths.ts";
import { lockHome } from "./home-lock.ts";
import type { Child } from "./process/child.ts";
import { endOrphans } from "./process/orphans.ts";
import { servicesReady, startServicesProcess } from "./services-process.ts";
import { migrateAll, startStack } from "./stack.ts";
import { removeStackFile, type StackAddresses, stackAddresses, writeStackFile } from "./stack-file.ts";
import { abortable } from "./wait/abortable.ts";

/** What must stand in the end: Postgres and NATS; these with migrated databases; all services on top of them. */
export type Goal = "servers" | "databases" | "services";

export interface SuperviseOptions {
  readonly config: Config;
  readonly goal: Goal;
  /** Processes that run all services at a time, at most. Default 1. */
  readonly processes?: number;
  /** Hears a line for each step. */
  readonly report: (line: string) => void;
  /** Aborts the start; what has been started by then is stopped. */
  readonly signal?: AbortSignal;
}

/** A stack that this process runs. */
export interface Supervised {
  /** The given configuration with the addresses and credentials of what runs now. */
  readonly config: Config;
  readonly addresses: StackAddresses;
  /** Settles with the name and the ending of the first process that ended by itself. */
  readonly broken: Promise<string>;
  /** Stops the services, then what they stand on, and leaves no process behind. */
  stop(): Promise<void>;
}

/**
 * Runs Postbox in the home that the configuration names: takes over what a killed run left, starts Postgres and NATS
 * and, as far as the goal goes, migrates the databases, starts the services and waits until they are ready.
 *
 * @throws PostboxError `stack-running`, `port-taken`, `postgres-unavailable`, `nats-unavailable`, `migration-failed`;
 * nothing is left running then.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { config: given, goal, processes: sideBySide = 1, report, signal } = options;
  const home = homeFolder(given.POSTBOX_HOME);
  const undo: (() => Promise<void>)[] = [await lockHome(home)];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const orAbort = abortable(signal);
  try {
    const orphans = await endOrphans(home);
    await removeStackFile(home);
    if (orphans.length > 0) report(`ended what a killed run had left behind: ${orphans.join(", ")}`);
    if (goal === "services") await checkPorts(given);
    signal?.throwIfAborted();
    const stack = await startStack({ home, config: given, durable: true, processes: sideBySide, report });
    const { config, processes } = stack;
    undo.push(stack.stop);
    const addresses = stackAddresses(config);
    const servers = { config, addresses, broken: firstEnding(processes), stop };
    if (goal === "servers") return servers;
    report("migrating the databases");
    await orAbort(migrateAll(config, report));
    if (goal === "databases") return servers;
    report("starting the services");
    const child = await startServicesProcess({ home, name: "services", config, services: ["services"] });
    undo.push(() => child.stop());
    await orAbort(servicesReady(child, addresses.metrics));
    await writeStackFile(home, addresses);
    undo.push(() => removeStackFile(home));
    return { config, addresses, broken: firstEnding([...processes, child]), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function firstEnding(children: readonly Child[]): Promise<string> {
  return Promise.race(children.map(async ({ name, ended }) => `${name}: ${await ended}`));
}
