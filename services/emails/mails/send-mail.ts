import { config, type HandlerTransaction, handle, PermanentError } from "postbox";
import { sendMail as event } from "../../../libs/emails/events.ts";
import { variables } from "../variables.ts";
import { compose } from "./compose.ts";
import { smtpUrl } from "./local-mail.ts";
import { deliver } from "./transport.ts";

/**
 * Sends a mail, once: the record of it commits with the event, and a second copy of the event finds the record. The
 * one gap that no SMTP client can close is a crash between the server's 250 and the commit. The mail is then sent
 * again, and bears the same Message-ID, by which a receiver can tell.
 */
export const sendMail = handle(
  event,
  async ({ id, data }, tx) => {
    if (data.expires_at !== undefined && Date.parse(data.expires_at) <= Date.now())
      throw new PermanentError(`The link expired at ${data.expires_at}, before its mail could be sent.`);
    const message_id = messageId(id);
    if (!(await recordMail(tx, { event_id: id, recipient_id: data.user_id, template: data.template, message_id })))
      return;
    await deliver(smtpUrl(), {
      messageId: message_id,
      from: config(variables).MAIL_FROM,
      to: data.email,
      ...compose(data),
    });
  },
  { mode: "external" },
);

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
