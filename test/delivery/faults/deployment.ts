import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager, NatsConnection } from "nats";
import { type Database, type EventHandler, type Models, service } from "postbox";
import { mailbox } from "postbox/mixins";
import {
  type LocalServices,
  metricValue,
  type SetupOptions,
  type SpawnedServices,
  type SpawnOptions,
  setup,
  statuses,
  type TestStack,
} from "postbox/testing";
import { Resender } from "../../../libs/postbox/delivery/jobs/resend-unacked.ts";
import { DeliveryMetrics } from "../../../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { keyed, plainHandlers } from "../example-events.ts";
import publisher from "../fixtures/auth.service.ts";
import { Ledger, range } from "../ledger.ts";

/** Auth publishes and users handles, each in processes of their own that can be killed; the test commits. */
export interface Deployment extends AsyncDisposable {
  readonly stack: TestStack;
  readonly auth: Database;
  readonly users: Database;
  readonly ledger: Ledger;
  /** A connection of the test's own, for what nobody should do to a broker. */
  readonly nats: NatsConnection;
  readonly jsm: JetStreamManager;
  /** Where the broker listens. */
  readonly broker: { readonly host: string; readonly port: number };
  /** Auth and its outbox, in this process. */
  startPublisher(): Promise<LocalServices>;
  /** A worker of users, in this process. Default handlers: one effect an event. */
  startWorker(handlers?: readonly EventHandler<Models, "users">[]): Promise<LocalServices>;
  spawnPublisher(options?: SpawnOptions): Promise<SpawnedServices>;
  spawnWorker(options?: SpawnOptions): Promise<SpawnedServices>;
  /**
   * From now on looks every 200 ms for what the broker has lost or a subscriber holds, and sends it again: what auth's
   * scheduler does every few seconds, and for what is held every hour.
   */
  resend(graceMs?: number): void;
}

export const fixture = (name: string) => join(import.meta.dirname, "../fixtures", `${name}.service.ts`);

export interface DeploymentOptions {
  /** Milliseconds after which the broker takes a killed worker's messages back. Default 1,000. */
  readonly ackWaitMs?: number;
  /** As `setup` takes it. */
  readonly nats?: NonNullable<SetupOptions["nats"]>;
}

export async function deployment({
  ackWaitMs = 1_000,
  nats: natsOptions = {},
}: DeploymentOptions = {}): Promise<Deployment> {
  const stack = await setup({ env: { ACK_WAIT_MS: `${ackWaitMs}` }, nats: natsOptions });
  const [auth, users] = [stack.database("auth"), stack.database("users")];
  const [ledger, nats] = await Promise.all([Ledger.open(stack), stack.connectNats()]);
  const jsm = await nats.jetstreamManager();
  const ending = new AbortController();
  const loops: Promise<void>[] = [];
  const figures = new DeliveryMetrics("auth");
  const resend = async (graceMs: number) => {
    const resender = new Resender({ name: "auth", database: auth, nats, metrics: figures }, { graceMs });
    while (!ending.signal.aborted) {
      // While the broker or the database is away there is nothing to be asked; the next round asks again. So it does for a
      // row that somebody has: two who wait for each other's would end one another.
      await auth
        .query({
          text: `update event_outbox set next_attempt_at = now() where id in (
            select id from event_outbox where status = 'received' for update skip locked)`,
        })
        .then(() => resender.run())
        .catch(() => undefined);
      await delay(200, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  return {
    stack,
    auth,
    users,
    ledger,
    nats,
    jsm,
    broker: { host: "127.0.0.1", port: Number(new URL(stack.nats.url).port) },
    startPublisher: () => stack.startServices([publisher]),
    startWorker: (handlers = plainHandlers) =>
      stack.startServices([service({ name: "users.worker", mixins: [mailbox("users", () => ({}), handlers)] })]),
    spawnPublisher: (options) => stack.spawnServices([fixture("auth")], options),
    spawnWorker: (options) => stack.spawnServices([fixture("users.worker")], options),
    resend: (graceMs = 500) => void loops.push(resend(graceMs)),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all(loops);
      await stack.stop();
    },
  };
}

/** Commits transactions of 1 to 9 events, every other one with a key, until it is told to stop. */
export function load(ledger: Ledger, first = 1): { stop(): Promise<void> } {
  let over = false;
  const run = async () => {
    for (let from = first, size = 1; !over; from += size, size = (size % 9) + 1) {
      const keyOf = size % 2 === 0 ? { event: keyed, key: `key-${size}` } : {};
      await ledger.commit(range(from, from + size - 1).map((n) => ({ n, ...keyOf })));
      // A pace, not a wait: about 500 events a second.
      await delay(10);
    }
  };
  const running = run();
  return {
    stop: () => {
      over = true;
      return running;
    },
  };
}

/** A process that is started again whenever it has ended. */
export interface Kept {
  /** Sends SIGKILL to the process that runs now. */
  kill(): void;
  /** Starts no further one. */
  stop(): Promise<void>;
}

/** Starts a process again whenever it has ended, as an orchestrator does, after `between`. */
export async function keepAlive(
  spawn: () => Promise<SpawnedServices>,
  between: () => Promise<unknown> = async () => undefined,
): Promise<Kept> {
  let over = false;
  let current = await spawn();
  const run = async () => {
    for (;;) {
      await current.ended;
      if (over) return;
      await between();
      current = await spawn();
      // It was told to stop meanwhile, and knew of the last one only.
      if (over) current.signal("SIGKILL");
    }
  };
  const running = run();
  return {
    kill: () => current.signal("SIGKILL"),
    stop: async () => {
      over = true;
      current.signal("SIGKILL");
      await running;
    },
  };
}

/**
 * What ran when its process ended may be claimed again now, but for what Postgres holds: it may still be at that process'
 * last statement.
 */
export async function endLeases(users: Database): Promise<void> {
  await users.query({
    text: `update event_inbox set next_attempt_at = now()
      where id in (select id from event_inbox where started_at is not null for update skip locked)`,
  });
}

/** How many outbox rows are processed. */
export async function processed({ auth }: Deployment): Promise<number> {
  return (await statuses(auth, "event_outbox")).processed ?? 0;
}

/** How often a fault of a stream or consumer was found and mended in this process. */
export const heals = (fault: string) => metricValue("postbox_stream_heals_total", { fault });

/** Ends a process at once and waits until it is gone. */
export async function kill(process: SpawnedServices): Promise<void> {
  process.signal("SIGKILL");
  await process.ended;
}
