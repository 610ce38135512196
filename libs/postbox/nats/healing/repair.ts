import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager } from "nats";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { apiCode, unless } from "../connection/api-errors.ts";
import { withTimeout } from "../connection/with-timeout.ts";
import { type Inspection, inspect } from "../mailbox/inspect.ts";
import type { MailboxDefinition } from "../mailbox/mailbox-definition.ts";
import { faultOf, type MailboxFault } from "./mailbox-fault.ts";

/**
 * Milliseconds to wait before a deleted stream is created again. The deletion may still be under way: a stream created at
 * once takes messages and delivers none (10 of 20 tries on nats-server 2.9.10, none of 20 after this wait).
 */
const deletionSettlesMs = 1_000;

/**
 * Repairs one fault of a mailbox and reads the result back.
 *
 * A new consumer begins with all that the stream holds. The inbox knows what was handled already, and the worker
 * acknowledges those messages without handling them. A consumer that is only outdated is changed and goes on.
 *
 * @param isFirstCheck true: the stream was never seen, so a missing stream was not deleted and needs no wait.
 * @returns the mailbox as it is now.
 * @throws PostboxError `broker-unavailable` where the fault remains, or cannot be repaired.
 */
export async function repair(
  jsm: JetStreamManager,
  definition: MailboxDefinition,
  fault: MailboxFault,
  { isFirstCheck = false }: { isFirstCheck?: boolean } = {},
): Promise<Inspection> {
  const { stream, consumer } = definition;
  if (fault === "stream-missing" && !isFirstCheck) {
    await delay(deletionSettlesMs);
    const later = await inspect(jsm, definition);
    if (later.stream !== undefined) return later;
  }
  await withTimeout(`repair of ${stream.name}`, apply(jsm, definition, fault));
  const repaired = await inspect(jsm, definition);
  const remaining = faultOf(definition, repaired);
  // Another release may have changed an outdated setting back meanwhile.
  if (remaining !== undefined && remaining !== "message-below-ack-floor" && remaining !== "outdated")
    throw new PostboxError(
      "broker-unavailable",
      `Stream '${stream.name}' with consumer '${consumer.durable_name}' still shows '${remaining}' after the repair of '${fault}'.`,
    );
  return repaired;
}

async function apply(
  jsm: JetStreamManager,
  { stream, consumer }: MailboxDefinition,
  fault: MailboxFault,
): Promise<void> {
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
