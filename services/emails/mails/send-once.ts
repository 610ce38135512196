import { config, type HandlerTransaction, type Message, PermanentError } from "postbox";
import { variables } from "../variables.ts";
import { handOver } from "./hand-over.ts";
import { countMail } from "./mail-metrics.ts";

/**
 * How mails are handled. What an operator has to mend may take hours, so a mail is tried for some 60 hours, with a wait of
 * 7.5 minutes on average. A mail that expires ends earlier.
 */
export const sending = { mode: "external", maxAttempts: 500 } as const;

/** A mail, ready to be sent. */
export interface ComposedMail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The user it goes to; null for an address that is no user's. */
  readonly recipientId: string | null;
  /** The kind of mail, for the record of it. */
  readonly template: string;
}

/**
 * Sends a mail, once: the record of it commits with the event, and a second copy of the event finds the record. The
 * one gap that no SMTP client can close is a crash between the server's 250 and the commit. The mail is then sent
 * again, and bears the same Message-ID, by which a receiver can tell.
 *
 * @param expiresAt ISO 8601. Undefined: the mail does not expire.
 * @param compose is called in time only: an expired mail is not even written.
 * @throws PermanentError for an expired mail, and where the server refuses the recipient or the content.
 */
export async function sendOnce(
  tx: Pick<HandlerTransaction, "query">,
  { id }: Pick<Message, "id">,
  expiresAt: string | undefined,
  compose: () => ComposedMail,
): Promise<void> {
  if (expiresAt !== undefined) refuseExpired(expiresAt);
  const { recipientId, template, ...mail } = compose();
  const message_id = messageId(id);
  if (!(await recordMail(tx, { event_id: id, recipient_id: recipientId, template, message_id }))) return;
  await handOver({ messageId: message_id, from: config(variables).MAIL_FROM, ...mail });
}

/** @throws PermanentError once a mail's time is over. */
function refuseExpired(expiresAt: string): void {
  if (Date.parse(expiresAt) > Date.now()) return;
  countMail("expired");
  throw new PermanentError(`The mail could not be sent before ${expiresAt}; postbox_mail_total tells what kept it.`);
}

/** `<event id@domain of the sender>`. */
function messageId(eventId: string): string {
  const [, domain = "postbox.example"] = /@([^>\s]+)/.exec(config(variables).MAIL_FROM) ?? [];
  return `<${eventId}@${domain}>`;
}

interface MailRecord {
  readonly event_id: string;
  readonly recipient_id: string | null;
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
