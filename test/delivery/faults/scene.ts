import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import type { Database } from "../../../libs/database/database.ts";
import { natsOptions } from "../../../libs/jetstream/connect.ts";
import { resendUnacked } from "../../../libs/jobs/built-in.ts";
import { DeliveryMetrics } from "../../../libs/messaging/metrics.ts";
import { projectRoot } from "../../../libs/stack/places.ts";
import { setup, type TestStack } from "../../harness/index.ts";
import type { SpawnedServices, SpawnOptions } from "../../harness/spawned-services.ts";
import { Ledger } from "../ledger.ts";

/** Auth publishes and users handles, each in processes of their own that can be killed; the test commits. */
export interface Scene extends AsyncDisposable {
  readonly stack: TestStack;
  readonly auth: Database;
  readonly users: Database;
  readonly ledger: Ledger;
  /** A connection of the test's own, for what nobody should do to a broker. */
  readonly nats: NatsConnection;
  readonly jsm: JetStreamManager;
  /** Where the broker listens. */
  readonly broker: { readonly host: string; readonly port: number };
  spawnPublisher(options?: SpawnOptions): Promise<SpawnedServices>;
  spawnWorker(options?: SpawnOptions): Promise<SpawnedServices>;
  /** Resends every 200 ms from now on what the broker has lost, as auth's scheduler does at a slower pace. */
  resend(graceMs?: number): void;
}

const fixture = (name: string) => join(projectRoot, "test/delivery/fixtures", `${name}.service.ts`);

/** Milliseconds after which the broker takes a killed worker's messages back. */
const ackWaitMs = 1_000;

export async function scene(): Promise<Scene> {
  const stack = await setup({ env: { ACK_WAIT_MS: `${ackWaitMs}` } });
  const [auth, users] = [stack.database("auth"), stack.database("users")];
  const [ledger, nats] = await Promise.all([Ledger.open(auth, users), connect(natsOptions(stack.config))]);
  const jsm = await nats.jetstreamManager();
  const ending = new AbortController();
  const loops: Promise<void>[] = [];
  const metrics = new DeliveryMetrics("auth");
  const resend = async (graceMs: number) => {
    while (!ending.signal.aborted) {
      // While the broker or the database is away there is nothing to be asked; the next round asks again.
      await resendUnacked({ database: auth, nats, metrics }, graceMs).catch(() => undefined);
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
    spawnPublisher: (options) => stack.spawnServices([fixture("auth")], options),
    spawnWorker: (options) => stack.spawnServices([fixture("users.worker")], options),
    resend: (graceMs = 500) => void loops.push(resend(graceMs)),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await nats.close();
      await Promise.all(loops);
      await stack.stop();
    },
  };
}

/** Ends a process at once and waits until it is gone. */
export async function kill(process: SpawnedServices): Promise<void> {
  process.signal("SIGKILL");
  await process.ended;
}
