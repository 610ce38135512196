/** The two ends of a delivery, each with its account in `event_<box>`: what a service sent, and what it received. */
export const boxes = {
  outbox: {
    statuses: ["scheduled", "pending", "published", "received", "processed", "dead", "skipped"],
    /** The column that names the service at the other end. */
    peer: "target",
    /** The column that says since when the event is known here. */
    since: "created_at",
  },
  inbox: {
    statuses: ["processed", "skipped", "failed", "parked", "held", "dead"],
    peer: "source",
    since: "received_at",
  },
} as const;

export type Box = keyof typeof boxes;
