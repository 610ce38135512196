import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { type Child, endOrphan, startChild } from "../process/child.ts";
import { commandLine, identify } from "../process/identity.ts";
import { keptPort } from "../process/kept-port.ts";
import { until } from "../wait/until.ts";
import { type PostgresLocation, postgresLocation } from "./location.ts";

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
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const location = await postgresLocation(options.home);
  const password = await preparedData(location);
  const attempt = async () => {
    const server = await launch(options, location, password);
    const refusal = await ready(server);
    if (refusal === undefined) return { server };
    return passing.test(refusal) ? undefined : { refusal };
  };
  const { server, refusal } = await until(attempt, { deadlineMs: startDeadlineMs, everyMs: 200 });
  if (server) return server;
  throw new PostboxError(
    "postgres-unavailable",
    `The embedded Postgres cannot be started. ${refusal}\nMend that, or set POSTGRES_HOST to a server of your own.`,
  );
}

/** What goes away by itself: the memory of a killed server, until its backends notice, and a port lost to another. */
const passing = /shared memory block .* still in use|could not bind/;

async function launch(
  { home, maxConnections, durable }: PostgresOptions,
  location: PostgresLocation,
  password: string,
) {
  const port = await keptPort(home, "postgres");
  const settings = {
    listen_addresses: host,
    unix_socket_directories: "",
    max_connections: maxConnections,
    timezone: "UTC",
    log_timezone: "UTC",
    // The default logs the rows that broke a constraint.
    log_error_verbosity: "terse",
    jit: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const process = await startChild({
    home,
    name: "postgres",
    command: join(location.programs, "postgres"),
    args: [
      ...["-D", join(location.folder, "data"), "-p", `${port}`],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    ...(location.user && { user: location.user }),
    cwd: "/",
    env: environment,
    stopSignal: "SIGINT",
  });
  return { host, port, user, password, process };
}

/** The server reads nothing of ours from the environment, and PG* variables of the caller would mislead it. */
const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** Makes sure of the data folder and gives the password that it was made with. */
async function preparedData({ programs, folder, user: owner }: PostgresLocation): Promise<string> {
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
      throw new PostboxError("postgres-unavailable", `The data folder of Postgres cannot be made: ${cause.stderr}`, {
        cause,
      });
    },
  );
  await rename(unfinished, data);
  return password;
}

/**
 * Ends a Postgres that a killed run left in this folder, and voids the lock file of a dead one.
 *
 * Postgres believes a lock file while any process has its id: an unrelated process, or the dead server as a zombie. It
 * takes the id of its own parent for void, so that id is written there. The file stays, since with it Postgres still
 * checks whether the shared memory is in use.
 */
async function clearLock(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  const pid = Number.parseInt(await readFile(lock, "utf8").catch(() => ""), 10);
  const identity = Number.isNaN(pid) ? undefined : await identify(pid);
  if (identity && (await commandLine(pid)).includes(data))
    await endOrphan({ ...identity, name: "postgres", stopSignal: "SIGINT" });
  const left = await readFile(lock, "utf8").catch(() => undefined);
  if (left !== undefined) await writeFile(lock, left.replace(/^\d+/, `${process.pid}`));
}

/** Waits until the server answers; gives what it said if it ended or stays silent. */
async function ready(postgres: Postgres): Promise<string | undefined> {
  let ending: string | undefined;
  postgres.process.ended.then((how) => {
    ending = how;
  });
  const endedOrAnswers = async () => ending !== undefined || answers(postgres);
  await until(endedOrAnswers, { deadlineMs: startDeadlineMs }).catch(() => postgres.process.stop());
  if (ending === undefined) return undefined;
  return `Postgres ended with ${ending}:\n${await tail(postgres)}`;
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
