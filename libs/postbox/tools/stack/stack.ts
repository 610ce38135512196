import { mkdir } from "node:fs/promises";
import { connect } from "nats";
import pg from "pg";
import type { Config } from "../../core/configuration/read.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { reasonOf } from "../../core/errors/reason.ts";
import { serviceNames } from "../../core/project/service-names.ts";
import { natsOptions } from "../../nats/connection/connect.ts";
import { databaseOptions, serverOptions } from "../../postgres/connection/database-options.ts";
import { postgresUnavailable } from "../../postgres/connection/unavailable.ts";
import { migrate } from "../migrations/running/migrate.ts";
import { natsBinary } from "./nats/binary.ts";
import { startNats } from "./nats/nats.ts";
import { startPostgres } from "./postgres/postgres.ts";
import type { Child } from "./process/child.ts";
import { keptPort } from "./process/kept-port.ts";

export interface StackOptions {
  readonly home: string;
  /** What is set in it, `POSTGRES_HOST` or `NATS_URL`, is used instead of starting one. */
  readonly config: Config;
  /** False: data may be lost with the machine, for tests. */
  readonly durable: boolean;
  /** Processes that run all services at a time, at most: Postgres takes the connections of as many. Default 1. */
  readonly processes?: number;
  /** Hears a line for each step. */
  readonly report: (line: string) => void;
}

/** Postgres and NATS, up and answering. */
export interface Stack {
  /** The given configuration with the addresses and credentials of what runs now. */
  readonly config: Config;
  /** The servers that were started for it. */
  readonly processes: readonly Child[];
  stop(): Promise<void>;
}

/** Connections a service opens beside its pool: the relay's and the listener's, per process. */
const besidePool = 4;
/** Connections left to the command line, the REPL, migrations and psql. */
const forTools = 40;

/**
 * Starts what the services stand on: Postgres and NATS, each only if the configuration names none.
 *
 * @throws PostboxError `postgres-unavailable`, `nats-unavailable`; nothing is left running then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await mkdir(options.home, { recursive: true });
  const parts = await Promise.allSettled([postgresPart(options), natsPart(options)]);
  const processes = parts.flatMap((part) => (part.status === "fulfilled" && part.value.process) || []);
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
  };
  const failed = parts.find((part) => part.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const settings = parts.map((part) => (part.status === "fulfilled" ? part.value.settings : {}));
  return { config: Object.assign({}, options.config, ...settings), processes, stop };
}

/** Brings every service's database up to date, and makes those that are missing. */
export async function migrateAll(config: Config, report: (line: string) => void): Promise<void> {
  const logger = { info: report, warn: report };
  for (const service of serviceNames())
    await migrate(service, databaseOptions(config, service), { direction: "up", logger });
}

interface Part {
  readonly settings: Partial<Config>;
  readonly process?: Child;
}

async function postgresPart({ home, config, durable, processes = 1, report }: StackOptions): Promise<Part> {
  if (config.POSTGRES_HOST !== undefined) {
    await reachPostgres(config);
    return { settings: {} };
  }
  report("starting Postgres");
  const ofProcess = serviceNames().length * (config.DATABASE_POOL_SIZE + besidePool);
  const { host, port, user, password, process } = await startPostgres({
    home,
    durable,
    maxConnections: processes * ofProcess + forTools,
  });
  const settings = {
    POSTGRES_HOST: host,
    POSTGRES_PORT: port,
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
  };
  return { settings, process };
}

async function natsPart({ home, config, report }: StackOptions): Promise<Part> {
  if (config.NATS_URL !== undefined) {
    await reachNats(config);
    return { settings: {} };
  }
  const binary = await natsBinary({ given: config.NATS_SERVER_BIN, report });
  report("starting NATS");
  const { url, process } = await startNats({ home, binary, port: await keptPort(home, "nats") });
  return { settings: { NATS_URL: url }, process };
}

async function reachPostgres(config: Config): Promise<void> {
  const server = serverOptions(config);
  const client = new pg.Client({ ...server, database: "postgres", connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
  } catch (cause) {
    throw postgresUnavailable(server, cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function reachNats(config: Config): Promise<void> {
  const { host } = new URL(config.NATS_URL ?? "");
  try {
    const connection = await connect({ ...natsOptions(config), timeout: 5000, reconnect: false });
    await connection.close();
  } catch (cause) {
    throw new PostboxError(
      "nats-unavailable",
      `NATS at ${host} cannot be reached (${reasonOf(cause)}). Start it, mend NATS_URL, NATS_USER and NATS_PASSWORD, or unset NATS_URL to have one started.`,
      { cause },
    );
  }
}
