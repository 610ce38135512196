import { config, type HandlerTransaction, handle, PermanentError } from "postbox";
import { sendMail as event } from "../../../libs/emails/events.ts";
import { variables } from "../variables.ts";
import { compose } from "./compose.ts";
import { handOver } from "./hand-over.ts";
import { countMail } from "./mail-metrics.ts";

/**
 * Milliseconds for which a mail without a link is tried, 4 days as RFC 5321, 4.5.4.1, proposes. A mail with a link is tried
 * until its link expires.
 */
const maxAgeMs = 4 * 86_400_000;

/**
 * Sends a mail, once: the record of it commits with the event, and a second copy of the event finds the record. The
 * one gap that no SMTP client can close is a crash between the server's 250 and the commit. The mail is then sent
 * again, and bears the same Message-ID, by which a receiver can tell.
 */
export const sendMail = handle(
  event,
  async ({ id, data, occurredAt }, tx) => {
    refuseExpired(data.expires_at === undefined ? occurredAt.getTime() + maxAgeMs : Date.parse(data.expires_at));
    const message_id = messageId(id);
    if (!(await recordMail(tx, { event_id: id, recipient_id: data.user_id, template: data.template, message_id })))
      return;
    await handOver({
      messageId: message_id,
      from: config(variables).MAIL_FROM,
      to: data.email,
      ...compose(data),
    });
  },
  // The mail's own time ends the attempts: what an operator has to mend may take hours.
  { mode: "external", maxAttempts: Number.POSITIVE_INFINITY },
);

/** @throws PermanentError once a mail's time is over, in milliseconds since 1970. */
function refuseExpired(until: number): void {
  if (until > Date.now()) return;
  countMail("expired");
  const time = new Date(until).toISOString();
  throw new PermanentError(`The mail could not be sent before ${time}; postbox_mail_total tells what kept it.`);
}

/** `<event id@domain of the sender>`. */
export function messageId(eventId: string): string {
  const [, domain = "postbox.example"] = /@([^>\s]+)/.exec(config(variables).MAIL_FROM) ?? [];
  return `<${eventId}@${domain}>`;
}

interface MailRecord {
  readonly event_id: string;
  readonly recipient_id: string;
  readonly template: string;
  readonly message_id: string;
}

/** Inserts the record. @returns whether it is new. A transaction that is inserting the same record is waited for. */
async function recordMail(tx: Pick<HandlerTransaction, "query">, record: MailRecord): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "record-mail",
    text: `insert into mail (event_id, recipient_id, template, message_id) values ($1, $2, $3, $4)
      on conflict (event_id) do nothing`,
    values: [record.event_id, record.recipient_id, record.template, record.message_id],
  });
  return rowCount === 1;
}
