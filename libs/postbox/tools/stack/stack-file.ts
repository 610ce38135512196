import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownUrl } from "../../core/configuration/listen-address.ts";
import type { Config } from "../../core/configuration/read.ts";
import { serviceNames } from "../../core/project/service-names.ts";
import { databaseOptions } from "../../postgres/connection/database-options.ts";
import { homeHolder } from "./home-lock.ts";

/** Where the parts of a running stack are, as tools find it in `<home>/stack.json`. */
export interface StackAddresses {
  /** URL of the gateway. */
  readonly gateway: string;
  /** URL below which /metrics, /health/live and /health/ready are. */
  readonly metrics: string;
  readonly nats: string;
  /** URL of each service's database, with user and password. */
  readonly postgres: Readonly<Record<string, string>>;
  /** The supervisor's. */
  readonly pid: number;
}

const stackFile = (home: string) => join(home, "stack.json");

/** @param services whose databases are named. Default: those of the project when this process began. */
export function stackAddresses(config: Config, services = serviceNames()): StackAddresses {
  return {
    gateway: ownUrl(config, config.PORT),
    metrics: ownUrl(config, config.METRICS_PORT),
    nats: config.NATS_URL ?? "",
    postgres: Object.fromEntries(services.map((service) => [service, databaseUrl(config, service)])),
    pid: process.pid,
  };
}

/** For its owner only: it holds the password of Postgres. */
export async function writeStackFile(home: string, addresses: StackAddresses): Promise<void> {
  const unfinished = `${stackFile(home)}.new`;
  await writeFile(unfinished, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, stackFile(home));
}

export async function removeStackFile(home: string): Promise<void> {
  await rm(stackFile(home), { force: true });
}

/** The stack that runs in this home and is ready; undefined if none is, whatever file a killed one left. */
export async function runningStack(home: string): Promise<StackAddresses | undefined> {
  const holder = await homeHolder(home);
  if (!holder) return undefined;
  try {
    const addresses: StackAddresses = JSON.parse(await readFile(stackFile(home), "utf8"));
    return addresses.pid === holder.pid ? addresses : undefined;
  } catch {
    return undefined;
  }
}

function databaseUrl(config: Config, service: string): string {
  const { host, port, user, password, database } = databaseOptions(config, service);
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
