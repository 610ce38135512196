import { Counter, Gauge, Histogram } from "prom-client";
import { metrics } from "../../telemetry/metrics.ts";
import { deliveryMetricsReference } from "./reference.ts";

type MetricName = keyof typeof deliveryMetricsReference;
type OwnLabel<Name extends MetricName> = keyof (typeof deliveryMetricsReference)[Name]["labels"] & string;

/** What prom-client is given of a metric of the reference. */
function described<Name extends MetricName>(name: Name) {
  const { help, labels } = deliveryMetricsReference[name];
  return {
    registers: [metrics],
    name,
    help,
    labelNames: ["service", ...Object.keys(labels)] as ("service" | OwnLabel<Name>)[],
  };
}

const counter = <Name extends MetricName>(name: Name) => new Counter(described(name));

const histogram = <Name extends MetricName>(name: Name) =>
  new Histogram({
    ...described(name),
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
  });

const published = counter("postbox_outbox_published_total");
const publishSeconds = histogram("postbox_outbox_publish_seconds");
const resent = counter("postbox_outbox_resent_total");
const handled = counter("postbox_inbox_handled_total");
const batchSeconds = histogram("postbox_inbox_batch_seconds");
const acked = counter("postbox_acks_total");
const ackSeconds = histogram("postbox_ack_seconds");
const healed = counter("postbox_stream_heals_total");
const jobRuns = counter("postbox_job_runs_total");
const tickFailures = counter("postbox_scheduler_failures_total");

/** Functions that set the gauges of one service anew, called at each scrape. */
const refreshers = new Set<() => Promise<void>>();

const events = new Gauge({
  ...described("postbox_events"),
  collect: async () => {
    await Promise.all([...refreshers].map((refresh) => refresh()));
  },
});
const oldest = new Gauge(described("postbox_oldest_event_age_seconds"));

/** The metrics of one service. */
export class DeliveryMetrics {
  readonly #service: string;

  constructor(service: string) {
    this.#service = service;
  }

  published(count: number, seconds: number): void {
    published.inc({ service: this.#service }, count);
    publishSeconds.observe({ service: this.#service }, seconds);
  }

  handled(outcome: string, count: number): void {
    if (count > 0) handled.inc({ service: this.#service, outcome }, count);
  }

  batch(seconds: number): void {
    batchSeconds.observe({ service: this.#service }, seconds);
  }

  acked(status: string, count: number): void {
    if (count > 0) acked.inc({ service: this.#service, status }, count);
  }

  ackBatch(seconds: number): void {
    ackSeconds.observe({ service: this.#service }, seconds);
  }

  resent(reason: string, count: number): void {
    if (count > 0) resent.inc({ service: this.#service, reason }, count);
  }

  healed(fault: string): void {
    healed.inc({ service: this.#service, fault });
  }

  /** Sets the number of rows in each open status of a table; 0 for a status that `counts` lacks. */
  rows(table: "outbox" | "inbox", counts: ReadonlyMap<string, number>): void {
    for (const status of openStatuses[table])
      events.set({ service: this.#service, table, status }, counts.get(status) ?? 0);
  }

  oldest(state: "unsent" | "unacked" | "unhandled" | "gap", seconds: number): void {
    oldest.set({ service: this.#service, state }, seconds);
  }

  jobRun(job: string, outcome: "done" | "failed"): void {
    jobRuns.inc({ service: this.#service, job, outcome });
  }

  tickFailed(step: string): void {
    tickFailures.inc({ service: this.#service, step });
  }

  /** Calls `refresh` at each scrape. @returns what ends that. */
  static refreshedBy(refresh: () => Promise<void>): () => void {
    refreshers.add(refresh);
    return () => refreshers.delete(refresh);
  }
}

const openStatuses = {
  outbox: ["scheduled", "pending", "published", "received", "dead"],
  inbox: ["failed", "parked", "held", "dead"],
} as const;
