import { Counter, Gauge, Histogram } from "prom-client";
import { metrics } from "../observability/metrics.ts";

const registers = [metrics];
const buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** All figures of the delivery engine, labelled by `service`. Names follow Prometheus' conventions. */
const published = new Counter({
  registers,
  name: "postbox_outbox_published_total",
  help: "Events that the broker has taken.",
  labelNames: ["service"],
});
const publishSeconds = new Histogram({
  registers,
  name: "postbox_outbox_publish_seconds",
  help: "Time from the first publish of a batch to its last PubAck.",
  labelNames: ["service"],
  buckets,
});
const handled = new Counter({
  registers,
  name: "postbox_inbox_handled_total",
  help: "Events by how handling them ended: processed, skipped, failed, parked, held, dead, duplicate, conflict.",
  labelNames: ["service", "outcome"],
});
const handleSeconds = new Histogram({
  registers,
  name: "postbox_inbox_batch_seconds",
  help: "Time of one batch, from its first statement to its COMMIT.",
  labelNames: ["service"],
  buckets,
});
const acked = new Counter({
  registers,
  name: "postbox_acks_total",
  help: "Acknowledgements that reached the publisher, by status.",
  labelNames: ["service", "status"],
});
const ackSeconds = new Histogram({
  registers,
  name: "postbox_ack_seconds",
  help: "Time to write one batch of acknowledgements.",
  labelNames: ["service"],
  buckets,
});
const resent = new Counter({
  registers,
  name: "postbox_outbox_resent_total",
  help: "Events that are sent again because the broker or the subscriber may have lost them.",
  labelNames: ["service", "reason"],
});
const healed = new Counter({
  registers,
  name: "postbox_stream_heals_total",
  help: "Faults of a stream or its consumer that were found and mended.",
  labelNames: ["service", "fault"],
});
/** What is asked at each scrape for the rows that are open now. */
const sources = new Set<() => Promise<void>>();
const rows = new Gauge({
  registers,
  name: "postbox_events",
  help: "Events that are not done, by table and status.",
  labelNames: ["service", "table", "status"],
  collect: async () => {
    await Promise.all([...sources].map((refresh) => refresh()));
  },
});
const oldest = new Gauge({
  registers,
  name: "postbox_oldest_event_age_seconds",
  help: "Age of the oldest event that is unsent, unacknowledged, unhandled, or behind a gap: one before it of its key has not come.",
  labelNames: ["service", "state"],
});
const jobRuns = new Counter({
  registers,
  name: "postbox_job_runs_total",
  help: "Runs of scheduled jobs, by how they ended.",
  labelNames: ["service", "job", "outcome"],
});

const tickFailures = new Counter({
  registers,
  name: "postbox_scheduler_failures_total",
  help: "Steps of a scheduler's ticks that failed: every-tick, claim-slots, claim-again. They come again each second.",
  labelNames: ["service", "step"],
});

/** The figures of one service. */
export class DeliveryMetrics {
  readonly #service: string;

  constructor(service: string) {
    this.#service = service;
  }

  published(events: number, seconds: number): void {
    published.inc({ service: this.#service }, events);
    publishSeconds.observe({ service: this.#service }, seconds);
  }

  handled(outcome: string, events: number): void {
    if (events > 0) handled.inc({ service: this.#service, outcome }, events);
  }

  batch(seconds: number): void {
    handleSeconds.observe({ service: this.#service }, seconds);
  }

  acked(status: string, events: number): void {
    if (events > 0) acked.inc({ service: this.#service, status }, events);
  }

  ackBatch(seconds: number): void {
    ackSeconds.observe({ service: this.#service }, seconds);
  }

  resent(reason: string, events: number): void {
    if (events > 0) resent.inc({ service: this.#service, reason }, events);
  }

  healed(fault: string): void {
    healed.inc({ service: this.#service, fault });
  }

  /** Rows by status; a status that is not given has none. */
  rows(table: "outbox" | "inbox", counts: ReadonlyMap<string, number>): void {
    const statuses = table === "outbox" ? openOutbox : openInbox;
    for (const status of statuses) rows.set({ service: this.#service, table, status }, counts.get(status) ?? 0);
  }

  oldest(state: "unsent" | "unacked" | "unhandled" | "gap", seconds: number): void {
    oldest.set({ service: this.#service, state }, seconds);
  }

  /** Runs `refresh` at each scrape, until the function that it gives back is called. */
  static refreshedBy(refresh: () => Promise<void>): () => void {
    sources.add(refresh);
    return () => sources.delete(refresh);
  }

  jobRun(job: string, outcome: "done" | "failed"): void {
    jobRuns.inc({ service: this.#service, job, outcome });
  }

  tickFailed(step: string): void {
    tickFailures.inc({ service: this.#service, step });
  }
}

const openOutbox = ["scheduled", "pending", "published", "received", "dead"] as const;
const openInbox = ["failed", "parked", "held", "dead"] as const;
