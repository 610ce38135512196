/** The two tables of events that a service has, `event_<box>`: what it has published, and what it has received. */
export const boxes = {
  outbox: {
    statuses: ["scheduled", "pending", "published", "received", "processed", "dead", "skipped"],
    /** The column that names the service at the other end. */
    peer: "target",
    /** The column with the time at which the event came into this table. */
    since: "created_at",
  },
  inbox: {
    statuses: ["processed", "skipped", "failed", "parked", "held", "dead"],
    peer: "source",
    since: "received_at",
  },
} as const;

export type Box = keyof typeof boxes;
