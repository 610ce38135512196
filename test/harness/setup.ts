import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import type { Static, TSchema } from "typebox";
import { configure } from "../../libs/postbox/core/configuration/config.ts";
import { type Config, readConfig } from "../../libs/postbox/core/configuration/read.ts";
import { loadProject } from "../../libs/postbox/core/project/load-project.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import {
  type WaitUntilHandledOptions as SettleOptions,
  waitUntilHandled,
} from "../../libs/postbox/delivery/operations/wait-until-handled.ts";
import type { EnqueueOptions } from "../../libs/postbox/delivery/outbox/enqueue-options.ts";
import type { ServiceTransaction } from "../../libs/postbox/delivery/outbox/service-transaction.ts";
import type { EventDefinition } from "../../libs/postbox/delivery/wire/define-event.ts";
import { natsOptions } from "../../libs/postbox/nats/connection/connect.ts";
import { type DatabaseOptions, databaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { Database } from "../../libs/postbox/postgres/database.ts";
import type { NatsOptions } from "../../libs/postbox/tools/stack/nats/nats.ts";
import { copyTemplates, dropDatabases, makeLocalized } from "./databases.ts";
import { type LocalServices, startLocally } from "./local-services.ts";
import { type TestNats, testNats } from "./nats.ts";
import { testOutboxes } from "./outboxes.ts";
import { currentRun } from "./run.ts";
import type { ServiceChoice } from "./service-file.ts";
import { type SpawnedServices, type SpawnOptions, spawnProcess } from "./spawned-services.ts";
import { type Statuses, statuses } from "./statuses.ts";

/** What one test's stack differs in. */
export interface SetupOptions {
  /** Variables of this test, over the defaults of a test run: `{ REQUIRE_USER_VERIFICATION: "false" }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A configuration for this test's nats-server. Default: none, everybody may do everything. */
  readonly nats?: Pick<NatsOptions, "configuration">;
  /** ICU locale of this test's databases, such as `tr-TR`. Default: none, letters are those of `C.UTF-8`. */
  readonly locale?: string;
}

/** Real databases and a real nats-server for one test alone. */
export interface TestStack extends AsyncDisposable {
  /** The configuration of this test; `config()` gives the same until the next `setup()`. */
  readonly config: Config;
  readonly nats: TestNats;
  /** A service's database, for looking into it. Closed by `stop()`. */
  database(service: string): Database;
  /**
   * Publishes an event as its service would, in a transaction of that service's database. Settles when it is committed;
   * a relay of the service, if one runs, then publishes it.
   *
   * @throws PostboxError `event-invalid`, `event-too-large`.
   */
  publish<Schema extends TSchema>(
    event: EventDefinition<Schema>,
    data: Static<Schema>,
    options?: EnqueueOptions,
  ): Promise<void>;
  /**
   * A transaction of a service's database: `tx.enqueue` publishes several events at once, or one beside a change.
   *
   * @param by the same database by another way, such as a proxy.
   */
  transaction<T>(service: string, work: (tx: ServiceTransaction) => Promise<T>, by?: Database): Promise<T>;
  /** How many rows of a service's outbox are in each status: `{ processed: 2 }`. */
  outbox(service: string): Promise<Statuses>;
  /** How many rows of a service's inbox are in each status. */
  inbox(service: string): Promise<Statuses>;
  /**
   * Waits until all that was caused has been handled and acknowledged, to any depth, in all services of the project.
   *
   * @throws PostboxError `not-settled`, which names the event that has failed or is stuck, where, and why, with the
   * handler's stack frames: at the first failure, unless the options say `retries: true`.
   */
  settle(options?: SettleOptions): Promise<void>;
  /** A connection to the test's NATS, with the rights of its services. Closed by `stop()`. */
  connectNats(): Promise<NatsConnection>;
  /** Runs services in this process, on a broker of their own; the gateway listens on a free port. */
  startServices(services: readonly ServiceChoice[]): Promise<LocalServices>;
  /** Runs services in a process of their own under Moleculer's runner; it can be killed. */
  spawnServices(services: readonly string[], options?: SpawnOptions): Promise<SpawnedServices>;
  /** Stops all that was started and removes all that was made. */
  stop(): Promise<void>;
}

/** A test may hold locks and wait for as long as it likes. */
function withoutLimits(config: Config, service: string): DatabaseOptions {
  const { limits, ...options } = databaseOptions(config, service);
  return { ...options, acquireMs: 30_000 };
}

/** Makes a stack for one test: databases copied from the templates, a nats-server with an empty store. */
export async function setup({ env = {}, nats: natsSettings = {}, locale }: SetupOptions = {}): Promise<TestStack> {
  await loadProject();
  const run = currentRun();
  const id = randomBytes(4).toString("hex");
  const [databases, nats] = await Promise.all([
    locale === undefined ? copyTemplates(run) : makeLocalized(run, locale),
    testNats(run, id, natsSettings),
  ]);
  const { host, port, user, password } = run.postgres;
  const read = readConfig({
    ENVIRONMENT: "local",
    LOG_LEVEL: "fatal",
    POSTBOX_HOME: join(run.home, id),
    POSTGRES_HOST: host,
    POSTGRES_PORT: `${port}`,
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    ...databases,
    DATABASE_POOL_SIZE: "5",
    NATS_URL: nats.url,
    // No load balancer stands before the gateway of a test.
    DRAIN_MS: "0",
    ...env,
  });
  const config: Config = { ...read, PORT: 0, METRICS_PORT: 0 };
  configure(config);

  const cleanUps: (() => Promise<unknown>)[] = [];
  const opened = new Map<string, Database>();
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await Promise.all([...opened.values()].map((database) => database.close()));
    opened.clear();
    await nats.stop();
    await dropDatabases(run, databases);
    await rm(join(run.home, nats.name), { recursive: true, force: true });
  };
  const database = (service: string): Database => {
    const found =
      opened.get(service) ??
      new Database({ ...withoutLimits(config, service), poolSize: 6, applicationName: "postbox-test" });
    opened.set(service, found);
    return found;
  };
  const outboxOf = testOutboxes(database);
  return {
    config,
    nats,
    database,
    publish: (event, data, options) =>
      outboxOf(event.service).transaction(async (tx) => tx.enqueue(event, data, options)),
    transaction: (service, work, by) => (by ? testOutboxes(() => by) : outboxOf)(service).transaction(work),
    outbox: (service) => statuses(database(service), "event_outbox"),
    inbox: (service) => statuses(database(service), "event_inbox"),
    settle: (options) =>
      waitUntilHandled(Object.fromEntries(serviceNames().map((service) => [service, database(service)])), options),
    connectNats: async () => {
      const connection = await connect(natsOptions(config));
      cleanUps.push(() => connection.close());
      return connection;
    },
    startServices: async (services) => {
      const local = await startLocally(config, services);
      cleanUps.push(local.stop);
      return local;
    },
    spawnServices: async (services, options = {}) => {
      const spawned = await spawnProcess(run, config, services, options);
      cleanUps.push(spawned.stop);
      return spawned;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
