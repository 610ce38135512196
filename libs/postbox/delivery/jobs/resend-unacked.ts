import type { StreamState } from "nats";
import { withTimeout } from "../../nats/connection/with-timeout.ts";
import { inspect } from "../../nats/mailbox/inspect.ts";
import { acksOf, mailboxOf } from "../../nats/mailbox/mailbox-definition.ts";
import { publishedTargets, queryAgain, resendLost, type StreamPosition } from "../outbox/resend.ts";
import type { JobHost } from "./job-host.ts";

/** How long an ack may be under way after the consumer has passed its event, in milliseconds. */
const ackGraceMs = 15_000;

/** Where a target's stream stood when this process looked. */
interface Look extends StreamPosition {
  /** By this process' clock, in milliseconds. */
  readonly seen: number;
}

/** The last message of the ack stream when this process looked. */
interface AckLook {
  readonly lastSequence: number;
  readonly seen: number;
}

export interface ResenderOptions {
  /** Milliseconds that an ack may be under way. Default 15,000. */
  readonly graceMs?: number;
  /** This process' clock, in milliseconds since any moment. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Sends again what the broker will not deliver any more, and asks about what subscribers hold for long.
 *
 * That a consumer has passed an event and no ack is in the outbox says little at that moment: the ack may be under way
 * to the ack stream, or wait there for a collector that is busy or away. So a target's position counts once it was
 * seen for longer than an ack is under way, and as long again as the oldest ack in the stream waits. While that is
 * longer than the grace itself, nothing is taken for lost on this ground: each resend would be one ack more that waits.
 * All of this is timed by what one process saw when: the broker's clock and this machine's need not agree.
 */
export class Resender {
  readonly #runtime: Pick<JobHost, "name" | "database" | "nats" | "metrics">;
  readonly #graceMs: number;
  readonly #now: () => number;
  /** By target, the oldest first, from the one that counts on. */
  readonly #looks = new Map<string, Look[]>();
  /** The oldest first, from the newest that is older than the grace. */
  #ackLooks: readonly AckLook[] = [];

  constructor(
    runtime: Pick<JobHost, "name" | "database" | "nats" | "metrics">,
    { graceMs = ackGraceMs, now = () => performance.now() }: ResenderOptions = {},
  ) {
    this.#runtime = runtime;
    this.#graceMs = graceMs;
    this.#now = now;
  }

  async run(): Promise<void> {
    const { name, database, nats, metrics } = this.#runtime;
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
        const earlier = this.#earlier(target, position, this.#waitedMs(acks.stream?.state));
        metrics.resent("lost", await resendLost(database, target, position, earlier));
      } catch (error) {
        errors.push(error);
      }
    if (errors.length > 0) throw errors[0];
  }

  /** How long the oldest ack that no collector has taken has waited at most: since the last look that it was not seen at. */
  #waitedMs(acks: StreamState | undefined): number {
    const now = this.#now();
    const { messages = 0, first_seq = 0, last_seq = 0 } = acks ?? {};
    const looks = this.#ackLooks.filter(({ lastSequence }) => lastSequence < last_seq);
    const absent = looks.findLast(({ lastSequence }) => lastSequence < first_seq);
    const from = looks.findLastIndex(({ seen }) => seen <= now - this.#graceMs);
    this.#ackLooks = [...looks.slice(Math.max(0, from)), { lastSequence: last_seq, seen: now }];
    if (messages === 0) return 0;
    return absent === undefined ? Number.POSITIVE_INFINITY : now - absent.seen;
  }

  /** Notes a look. @returns the newest one whose acks must have arrived and been taken; undefined if there is none. */
  #earlier(target: string, position: StreamPosition, waitedMs: number): StreamPosition | undefined {
    if (waitedMs > this.#graceMs) {
      this.#looks.delete(target);
      return undefined;
    }
    const looks = [...(this.#looks.get(target) ?? []), { ...position, seen: this.#now() }];
    const counts = looks.findLastIndex(({ seen }) => seen <= this.#now() - this.#graceMs - waitedMs);
    this.#looks.set(target, looks.slice(Math.max(0, counts)));
    return looks[counts];
  }
}
