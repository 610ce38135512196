import type { NatsConnection } from "nats";
import { withTimeout } from "../connection/with-timeout.ts";
import { inspect } from "./inspect.ts";
import type { MailboxDefinition } from "./mailbox-definition.ts";

/** When the oldest message in a stream was stored; undefined for an empty or missing stream. */
export async function oldestMessage(nats: NatsConnection, definition: MailboxDefinition): Promise<Date | undefined> {
  const jsm = await withTimeout("JetStream", nats.jetstreamManager({ checkAPI: false }));
  const { stream } = await inspect(jsm, definition);
  return stream !== undefined && stream.state.messages > 0 ? new Date(stream.state.first_ts) : undefined;
}
