import { type NatsOptions, startNats } from "../../libs/postbox/tools/stack/nats/nats.ts";
import { freePort } from "../../libs/postbox/tools/stack/process/free-port.ts";
import type { TestRun } from "./run.ts";

/** The nats-server of one test. Its address stays the same over a restart. */
export interface TestNats {
  readonly url: string;
  /** Name of its log and of its store folder in the run's home. */
  readonly name: string;
  /** Path of the folder with the JetStream store. */
  readonly store: string;
  /** Sends a signal: `SIGKILL` ends it at once, `SIGSTOP` freezes it, `SIGCONT` lets it go on. */
  signal(signal: NodeJS.Signals): void;
  /** All that the server that runs now has logged. */
  output(): Promise<string>;
  /** Settles when the server that runs now has ended. */
  ended(): Promise<unknown>;
  /** Starts it again after it ended, on the same port, with what its store folder then holds. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a nats-server with a store of its own. */
export async function testNats(
  { home, natsBinary: binary }: TestRun,
  id: string,
  configured: Pick<NatsOptions, "configuration">,
): Promise<TestNats> {
  const name = `nats-${id}`;
  // Not one that the system gives: while the server is down, a client's own connection could have that.
  const first = await startNats({ home, binary, name, port: await freePort(), ...configured });
  let server = first;
  return {
    url: first.url,
    name,
    store: first.store,
    signal: (signal) => server.process.signal(signal),
    output: () => server.process.output(),
    ended: () => server.process.ended,
    start: async () => {
      server = await startNats({ home, binary, name, port: first.port, ...configured });
    },
    stop: async () => {
      server.process.signal("SIGCONT");
      await server.process.stop();
    },
  };
}
