import { metrics } from "postbox";
import { Counter } from "prom-client";
import type { Refusal } from "./refusal.ts";

const attempts = new Counter({
  name: "postbox_mail_total",
  help: "Attempts to send a mail, by outcome: sent, expired, or why the SMTP server did not take the mail.",
  labelNames: ["outcome"],
  registers: [metrics],
});

/** Counts an attempt to send a mail. */
export function countMail(outcome: "sent" | "expired" | Refusal): void {
  attempts.inc({ outcome });
}
