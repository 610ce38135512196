import { Counter, Gauge, Histogram } from "prom-client";
import { metrics } from "../../telemetry/metrics.ts";

// All figures of the delivery engine, labelled by `service`. Names follow Prometheus' conventions.

const figure = <Label extends string>(name: string, help: string, labels: readonly Label[]) => ({
  registers: [metrics],
  name,
  help,
  labelNames: ["service" as const, ...labels],
});

const counter = <Label extends string = never>(name: string, help: string, ...labels: Label[]) =>
  new Counter(figure(name, help, labels));

const seconds = (name: string, help: string) =>
  new Histogram({
    ...figure(name, help, []),
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
  });

const published = counter("postbox_outbox_published_total", "Events that the broker has taken.");
const publishSeconds = seconds(
  "postbox_outbox_publish_seconds",
  "Time from the first publish of a batch to its last PubAck.",
);
const handled = counter(
  "postbox_inbox_handled_total",
  "Events by how handling them ended: processed, skipped, failed, parked, held, dead, duplicate, conflict.",
  "outcome",
);
const handleSeconds = seconds(
  "postbox_inbox_batch_seconds",
  "Time of one batch, from its first statement to its COMMIT.",
);
const acked = counter("postbox_acks_total", "Acknowledgements that reached the publisher, by status.", "status");
const ackSeconds = seconds("postbox_ack_seconds", "Time to write one batch of acknowledgements.");
const resent = counter(
  "postbox_outbox_resent_total",
  "Events that are sent again because the broker or the subscriber may have lost them.",
  "reason",
);
const healed = counter(
  "postbox_stream_heals_total",
  "Faults of a stream or its consumer that were found and mended.",
  "fault",
);
const jobRuns = counter("postbox_job_runs_total", "Runs of scheduled jobs, by how they ended.", "job", "outcome");
const tickFailures = counter(
  "postbox_scheduler_failures_total",
  "Steps of a scheduler's ticks that failed: every-tick, claim-slots, claim-again. They come again each second.",
  "step",
);
/** What is asked at each scrape for the rows that are open now. */
const sources = new Set<() => Promise<void>>();
const rows = new Gauge({
  ...figure("postbox_events", "Events that are not done, by table and status.", ["table", "status"]),
  collect: async () => {
    await Promise.all([...sources].map((refresh) => refresh()));
  },
});
const oldest = new Gauge(
  figure(
    "postbox_oldest_event_age_seconds",
    "Age of the oldest event that is unsent, unacknowledged, unhandled, or behind a gap: one before it of its key has not come.",
    ["state"],
  ),
);

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
