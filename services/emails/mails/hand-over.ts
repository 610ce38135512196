import { PermanentError } from "postbox";
import { smtpUrl } from "./local-mail.ts";
import { countMail } from "./mail-metrics.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { deliver, type OutgoingMail } from "./transport.ts";

/** What an operator reads of a mail that was not taken, before the server's own words. */
const meanings: Readonly<Record<Refusal, string>> = {
  recipient_refused: "The SMTP server refused the recipient for good",
  content_refused: "The SMTP server refused the content for good",
  sender_refused:
    "The SMTP server refuses this sender; mend MAIL_FROM, the login or the quota, and the mail goes out by itself",
  deferred: "The SMTP server asks to try again later",
  unreachable: "The SMTP server of SMTP_URL could not be reached; the mail goes out once it answers",
};

const final: readonly Refusal[] = ["recipient_refused", "content_refused"];

/**
 * Hands a mail to the SMTP server, and counts the attempt.
 *
 * @throws PermanentError where the recipient or the content was refused; an Error that is worth another attempt for all else.
 */
export async function handOver(mail: OutgoingMail): Promise<void> {
  try {
    await deliver(smtpUrl(), mail);
  } catch (cause) {
    const refusal = refusalOf(cause);
    countMail(refusal);
    const message = `${meanings[refusal]}: ${said(cause)}`;
    throw final.includes(refusal) ? new PermanentError(message, { cause }) : new Error(message, { cause });
  }
  countMail("sent");
}

/** The server's reply with its command, `MAIL FROM: 550 5.7.1 …`; without a reply the error's own message. */
function said(error: unknown): string {
  const { command, response, message }: Record<string, unknown> = Object(error);
  return typeof response === "string" ? `${command}: ${response}` : `${message ?? error}`;
}
