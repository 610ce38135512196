/** What a metric says. Every metric of the delivery engine has the label `service` beside its own. */
export interface MetricReference {
  readonly type: "counter" | "gauge" | "histogram";
  /** Its own labels, each with its meaning or its values. */
  readonly labels: Readonly<Record<string, string>>;
  readonly help: string;
}

/** The metrics of the delivery engine by their names. Names and labels are part of the public interface. */
export const deliveryMetricsReference = {
  postbox_outbox_published_total: {
    type: "counter",
    labels: {},
    help: "Events that the broker has stored, by its PubAck.",
  },
  postbox_outbox_publish_seconds: {
    type: "histogram",
    labels: {},
    help: "Seconds from the first publish of a batch to its last PubAck.",
  },
  postbox_outbox_resent_total: {
    type: "counter",
    labels: {
      reason:
        "lost: the broker no longer has the event or its ack; asked: the subscriber has had it as received for an hour; expired: not sent again but dead, for it is older than the horizon",
    },
    help: "Published or received events without a final answer that were moved on, by reason.",
  },
  postbox_inbox_handled_total: {
    type: "counter",
    labels: {
      outcome: "processed, skipped, failed, parked, held, dead, deferred, duplicate, conflict, malformed",
    },
    help: "Events that arrived or were due again, by the outcome of handling them.",
  },
  postbox_inbox_batch_seconds: {
    type: "histogram",
    labels: {},
    help: "Seconds for one batch of events, from its first statement to its COMMIT.",
  },
  postbox_acks_total: {
    type: "counter",
    labels: { status: "processed, skipped, dead, received, malformed" },
    help: "Acknowledgements that the publisher has written to its outbox, by status. Malformed counts refused messages.",
  },
  postbox_ack_seconds: {
    type: "histogram",
    labels: {},
    help: "Seconds to write one batch of acknowledgements to the outbox.",
  },
  postbox_stream_heals_total: {
    type: "counter",
    labels: { fault: "what was wrong" },
    help: "Faults of a stream or its consumer that were found and repaired.",
  },
  postbox_job_runs_total: {
    type: "counter",
    labels: { job: "the job's name", outcome: "done, failed" },
    help: "Attempts to run a scheduled job, by outcome.",
  },
  postbox_scheduler_failures_total: {
    type: "counter",
    labels: { step: "every-tick, claim-slots, claim-again" },
    help: "Steps of a scheduler's tick that failed. Each is repeated at the next tick, a second later.",
  },
  postbox_events: {
    type: "gauge",
    labels: {
      table: "outbox, inbox",
      status: "scheduled, pending, published, received, dead (outbox); failed, parked, held, dead (inbox)",
    },
    help: "Events that are not processed or skipped, by table and status.",
  },
  postbox_oldest_event_age_seconds: {
    type: "gauge",
    labels: {
      state:
        "unsent: pending; unacked: published or received; unhandled: failed or parked; gap: parked behind an event of its key that has not come",
    },
    help: "Seconds since the oldest event in a state was enqueued or received; 0 if there is none.",
  },
} as const satisfies Record<string, MetricReference>;
