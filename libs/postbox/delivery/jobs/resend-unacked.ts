import type { StreamState } from "nats";
import { withTimeout } from "../../nats/connection/with-timeout.ts";
import { inspect } from "../../nats/mailbox/inspect.ts";
import { acksOf, mailboxOf } from "../../nats/mailbox/mailbox-definition.ts";
import { publishedTargets } from "../outbox/published-targets.ts";
import { queryAgain } from "../outbox/query-again.ts";
import { resendLost, type StreamPosition } from "../outbox/resend-lost.ts";
import type { JobDependencies } from "./job-dependencies.ts";

/** Milliseconds that an ack may be on its way to the ack stream after the consumer has passed its event. */
const ackGraceMs = 15_000;

/** Where a target's stream stood at one run of the job. */
interface MailboxSnapshot extends StreamPosition {
  /** By this process' clock, in milliseconds. */
  readonly takenAt: number;
}

/** The last message of the ack stream at one run of the job. */
interface AckSnapshot {
  readonly lastSequence: number;
  /** By this process' clock, in milliseconds. */
  readonly takenAt: number;
}

export interface ResenderOptions {
  /** Milliseconds that an ack may be on its way to the ack stream. Default 15,000. */
  readonly graceMs?: number;
  /** This process' clock, in milliseconds since any moment. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Sends events again that the broker will not deliver any more, and asks again about `received` events.
 *
 * A consumer that has passed an event without an ack in the outbox does not prove that the ack is lost. The ack may be
 * on its way to the ack stream, or wait there for the collector. So a snapshot of a mailbox counts only when it is
 * older than both together: the grace for the way, and the time that the oldest ack waits in the stream.
 *
 * While acks wait for longer than the grace, no event is taken for lost on this ground. Its resend would only add
 * another ack to those that wait.
 *
 * All times are taken by this process' clock, because the broker's clock may differ.
 */
export class Resender {
  readonly #dependencies: Pick<JobDependencies, "name" | "database" | "nats" | "metrics">;
  readonly #graceMs: number;
  readonly #now: () => number;
  /** By target, the oldest first. The first is the one that counts, once any does. */
  readonly #mailboxSnapshots = new Map<string, MailboxSnapshot[]>();
  /** The oldest first, from the newest that is older than the grace. */
  #ackSnapshots: readonly AckSnapshot[] = [];

  constructor(
    dependencies: Pick<JobDependencies, "name" | "database" | "nats" | "metrics">,
    { graceMs = ackGraceMs, now = () => performance.now() }: ResenderOptions = {},
  ) {
    this.#dependencies = dependencies;
    this.#graceMs = graceMs;
    this.#now = now;
  }

  /**
   * A target whose stream cannot be inspected does not keep the others from their turn.
   *
   * @throws the first such error.
   */
  async run(): Promise<void> {
    const { name, nats, metrics } = this.#dependencies;
    const database = this.#dependencies.database.as("relay");
    metrics.resent("asked", await queryAgain(database));
    const { targets, now: at } = await publishedTargets(database);
    if (targets.length === 0) return;
    const jsm = await withTimeout("JetStream", nats.jetstreamManager({ checkAPI: false }));
    const errors: unknown[] = [];
    for (const target of targets)
      try {
        const { stream, consumer } = await inspect(jsm, mailboxOf(target));
        const acks = await inspect(jsm, acksOf(name));
        const position = {
          at,
          ackFloor: consumer?.ack_floor.stream_seq ?? 0,
          lastSequence: stream?.state.last_seq ?? 0,
        };
        const earlier = this.#earlier(target, position, this.#oldestAckWaitMs(acks.stream?.state));
        metrics.resent("lost", await resendLost(database, target, position, earlier));
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  }

  /**
   * Milliseconds that the oldest ack in the stream has waited at most: since the newest snapshot before it came.
   * Infinite if no snapshot is that old, 0 for an empty stream.
   */
  #oldestAckWaitMs(acks: StreamState | undefined): number {
    const now = this.#now();
    const { messages = 0, first_seq = 0, last_seq = 0 } = acks ?? {};
    // The new snapshot replaces one with the same end. A snapshot beyond the end is of another stream.
    const snapshots = this.#ackSnapshots.filter(({ lastSequence }) => lastSequence < last_seq);
    const before = snapshots.findLast(({ lastSequence }) => lastSequence < first_seq);
    const from = snapshots.findLastIndex(({ takenAt }) => takenAt <= now - this.#graceMs);
    this.#ackSnapshots = [...snapshots.slice(Math.max(0, from)), { lastSequence: last_seq, takenAt: now }];
    if (messages === 0) return 0;
    return before === undefined ? Number.POSITIVE_INFINITY : now - before.takenAt;
  }

  /**
   * Keeps a snapshot.
   *
   * @returns the newest one of whose events all acks must be in the outbox; undefined if there is none.
   */
  #earlier(target: string, position: StreamPosition, ackWaitMs: number): StreamPosition | undefined {
    if (ackWaitMs > this.#graceMs) {
      this.#mailboxSnapshots.delete(target);
      return undefined;
    }
    const snapshots = [...(this.#mailboxSnapshots.get(target) ?? []), { ...position, takenAt: this.#now() }];
    const counts = snapshots.findLastIndex(({ takenAt }) => takenAt <= this.#now() - this.#graceMs - ackWaitMs);
    this.#mailboxSnapshots.set(target, snapshots.slice(Math.max(0, counts)));
    return snapshots[counts];
  }
}
