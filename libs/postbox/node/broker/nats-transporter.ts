import { withTimeout } from "../../nats/connection/with-timeout.ts";
import { TransporterWithClient } from "./moleculer-internals.ts";

/** Milliseconds that a stop waits until the server has the last messages. */
const flushMs = 1_000;

/**
 * Moleculer's transporter, with a stop that always ends. Moleculer's own waits for an answer of the server without a
 * limit. When the connection breaks meanwhile, its stop rejects, and the broker skips the rest of its own stop.
 */
export class NatsTransporter extends TransporterWithClient {
  override async disconnect(): Promise<void> {
    const { client } = this;
    if (client === null) return;
    await withTimeout("the last messages of this node", client.flush(), flushMs).catch(() => undefined);
    await client.close();
    this.client = null;
  }
}
