import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { PostboxError } from "../errors/postbox-error.ts";
import { type Child, endStray, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { type PostgresPlace, postgresPlace } from "./postgres-place.ts";
import { commandLine, identify } from "./process-identity.ts";
import { until } from "./until.ts";

export interface PostgresOptions {
  readonly home: string;
  readonly maxConnections: number;
  /** False: a crash of the machine may cost data. For tests, whose databases do not outlive the run. */
  readonly durable: boolean;
}

/** A running embedded Postgres server, on the loopback address. */
export interface Postgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly process: Child;
}

const user = "postgres";
const host = "127.0.0.1";

/** Milliseconds until the server must answer: crash recovery of a large log may take long. */
const startDeadlineMs = 60_000;

/**
 * Starts the embedded Postgres of a home, and makes its data folder at the first start.
 *
 * @throws PostboxError `postgres-unavailable`.
 */
export async function startPostgres({ home, maxConnections, durable }: PostgresOptions): Promise<Postgres> {
  const place = await postgresPlace(home);
  const password = await preparedData(place);
  const port = await freePort();
  const settings = {
    listen_addresses: host,
    unix_socket_directories: "",
    max_connections: maxConnections,
    timezone: "UTC",
    log_timezone: "UTC",
    jit: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const process = await startChild({
    home,
    name: "postgres",
    command: join(place.programs, "postgres"),
    args: [
      ...["-D", join(place.folder, "data"), "-p", `${port}`],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ...(place.user && { user: place.user }),
    cwd: "/",
    env: environment,
    stopSignal: "SIGINT",
  });
  const postgres = { host, port, user, password, process };
  await ready(postgres);
  return postgres;
}

/** The server reads nothing of ours from the environment, and PG* variables of the caller would mislead it. */
const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Makes sure of the data folder and gives the password that it was made with. */
async function preparedData({ programs, folder, user: owner }: PostgresPlace): Promise<string> {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  const known = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined);
  if (known) {
    await clearLock(data);
    return readFile(passwordFile, "utf8");
  }
  const password = randomBytes(18).toString("base64url");
  const unfinished = `${data}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner) await chown(passwordFile, owner.uid, owner.gid);
  const options = [
    `--pgdata=${unfinished}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  await promisify(execFile)(join(programs, "initdb"), options, { ...owner, cwd: "/", env: environment }).catch(
    (cause) => {
      throw unavailable(`initdb failed: ${cause.stderr}`, cause);
    },
  );
  await rename(unfinished, data);
  return password;
}

/**
 * Postgres refuses to start while the process named in its lock file lives. After a crash that id may belong to a
 * stranger by now, and then the file is void; a Postgres of this folder that still runs is ended first.
 */
async function clearLock(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  const pid = Number.parseInt(await readFile(lock, "utf8").catch(() => ""), 10);
  const identity = Number.isNaN(pid) ? undefined : await identify(pid);
  if (!identity) return;
  if ((await commandLine(pid)).includes(data)) await endStray({ ...identity, name: "postgres", stopSignal: "SIGINT" });
  else await rm(lock);
}

async function ready(postgres: Postgres): Promise<void> {
  let ending: string | undefined;
  postgres.process.ended.then((how) => {
    ending = how;
  });
  try {
    await until(async () => ending !== undefined || answers(postgres), { deadlineMs: startDeadlineMs });
  } catch (cause) {
    await postgres.process.stop();
    throw unavailable(`Postgres did not answer within ${startDeadlineMs / 1000} s:\n${await tail(postgres)}`, cause);
  }
  if (ending !== undefined) throw unavailable(`Postgres ended with ${ending}:\n${await tail(postgres)}`);
}

async function answers({ host, port, user, password }: Postgres): Promise<boolean> {
  const client = new pg.Client({ host, port, user, password, database: "postgres" });
  try {
    await client.connect();
    return true;
  } finally {
    await client.end();
  }
}

async function tail({ process }: Postgres): Promise<string> {
  return (await process.output()).trimEnd().split("\n").slice(-10).join("\n");
}

function unavailable(fact: string, cause?: unknown): PostboxError {
  return new PostboxError(
    "postgres-unavailable",
    `The embedded Postgres cannot be started. ${fact}\nMend that, or set POSTGRES_HOST to a server of your own.`,
    { cause },
  );
}
