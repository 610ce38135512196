import { Transporters } from "moleculer";
import type { NatsConnection } from "nats";
import { withTimeout } from "../../nats/connection/with-timeout.ts";

/** Milliseconds that a stop waits until the server has what was sent last. */
const farewellMs = 1_000;

/**
 * Moleculer's transporter, but for its end. Moleculer's waits for an answer of the server without a limit, and rejects
 * when the connection breaks meanwhile; then it stays open, and the broker leaves out the rest of its stop.
 */
export class NatsTransporter extends Transporters.NATS {
  declare client: NatsConnection | null;

  override async disconnect(): Promise<void> {
    const { client } = this;
    if (client === null) return;
    await withTimeout("the last of this node", client.flush(), farewellMs).catch(() => undefined);
    await client.close();
    this.client = null;
  }
}
