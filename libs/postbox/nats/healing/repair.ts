import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager } from "nats";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { apiCode, unless } from "../connection/api-errors.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import { type Fault, faultOf, type Inspection, inspect } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";

/**
 * A stream that was just deleted may still be going: created again at once, it takes messages and delivers none
 * (10 of 20 tries on nats-server 2.9.10; 0 of 20 after this wait). In milliseconds.
 */
const deletionSettlesMs = 1_000;

/**
 * Mends one fault of a mailbox and reads back what it made. The consumer is made to begin with all that the stream
 * holds: what was handled already is known to the inbox, and is acknowledged from there. One that is but outdated is
 * changed and goes on.
 *
 * @param fresh the stream was never seen, so its absence is no deletion and needs no wait.
 * @returns the mailbox as it is now.
 * @throws PostboxError `broker-unavailable` when the broker does not keep what was made.
 */
export async function repair(
  jsm: JetStreamManager,
  definition: MailboxDefinition,
  fault: Fault,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<Inspection> {
  const { stream, consumer } = definition;
  if (fault === "stream-missing" && !fresh) {
    await delay(deletionSettlesMs);
    const later = await inspect(jsm, definition);
    if (later.stream !== undefined) return later;
  }
  await withTimeout(`repair of ${stream.name}`, mend(jsm, definition, fault));
  const mended = await inspect(jsm, definition);
  const left = faultOf(definition, mended);
  // Another release may have changed it back meanwhile.
  if (left !== undefined && left !== "message-below-ack-floor" && left !== "outdated")
    throw new PostboxError(
      "broker-unavailable",
      `Stream '${stream.name}' with consumer '${consumer.durable_name}' still shows '${left}' after the repair of '${fault}'.`,
    );
  return mended;
}

async function mend(jsm: JetStreamManager, { stream, consumer }: MailboxDefinition, fault: Fault): Promise<void> {
  if (fault === "stream-missing") await unless(jsm.streams.add(stream), apiCode.streamNameInUse);
  if (fault === "outdated") {
    await jsm.streams.update(stream.name, stream);
    await jsm.consumers.update(stream.name, consumer.durable_name, consumer);
    return;
  }
  if (fault === "misconfigured") {
    const { config } = await jsm.streams.info(stream.name);
    if (config.retention !== stream.retention)
      throw new PostboxError(
        "broker-unavailable",
        `Stream '${stream.name}' has retention '${config.retention}', which cannot be changed. Delete the stream; what is unacknowledged is sent again.`,
      );
    await jsm.streams.update(stream.name, stream);
  }
  if (fault !== "stream-missing" && fault !== "consumer-missing")
    await unless(jsm.consumers.delete(stream.name, consumer.durable_name), apiCode.consumerNotFound);
  await jsm.consumers.add(stream.name, consumer);
}
