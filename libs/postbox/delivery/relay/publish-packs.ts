import { ErrorCode, type JetStreamClient, NatsError } from "nats";
import type { Published } from "../outbox/mark-published.ts";
import type { Pack } from "./pack.ts";

/** What became of the packs that were published together. */
export interface PublishResult {
  readonly published: readonly Published[];
  /** Targets whose stream is missing or full, each with the error. */
  readonly refused: ReadonlyMap<string, Error>;
  /** Ids of events that are over the broker's payload limit by themselves: the limit was lowered since. */
  readonly oversize: readonly string[];
  /** The first error that says nothing of one target: the broker did not answer. */
  readonly failure: Error | undefined;
  /** The highest sequence that a PubAck has named, for each target. */
  readonly highest: ReadonlyMap<string, number>;
}

/** Milliseconds that a relay waits for a PubAck. Less than its `idle_in_transaction_session_timeout`. */
export const pubAckTimeoutMs = 5_000;

/**
 * Publishes all packs at once and waits for their PubAcks.
 *
 * @param timeout milliseconds to wait for each PubAck.
 */
export async function publishPacks(
  jetstream: JetStreamClient,
  packs: readonly Pack[],
  timeout: number,
): Promise<PublishResult> {
  const settled = await Promise.allSettled(
    packs.map((pack) => jetstream.publish(pack.subject, pack.body, { msgID: pack.wireId, timeout })),
  );
  const published: Published[] = [];
  const refused = new Map<string, Error>();
  const highest = new Map<string, number>();
  const oversize: string[] = [];
  let failure: Error | undefined;
  settled.forEach((result, index) => {
    const pack = packs[index];
    if (pack === undefined) return;
    if (result.status === "fulfilled") {
      const { seq } = result.value;
      highest.set(pack.target, Math.max(seq, highest.get(pack.target) ?? 0));
      for (const { id, send_number } of pack.rows) published.push({ id, sendNumber: send_number, streamSequence: seq });
    } else if (isOversize(result.reason) && pack.rows.length === 1) oversize.push(...pack.rows.map(({ id }) => id));
    else if (isRefusal(result.reason)) refused.set(pack.target, result.reason);
    else failure ??= result.reason instanceof Error ? result.reason : new Error(String(result.reason));
  });
  return { published, refused, oversize, failure, highest };
}

/**
 * No stream has the subject (503), or the stream refuses the message, for instance because it is full (error 10077).
 */
function isRefusal(reason: unknown): reason is NatsError {
  return reason instanceof NatsError && (reason.code === "503" || reason.isJetStreamError());
}

function isOversize(reason: unknown): boolean {
  return reason instanceof NatsError && reason.code === ErrorCode.MaxPayloadExceeded;
}
