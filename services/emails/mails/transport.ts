import { createTransport } from "nodemailer";
import { PermanentError } from "postbox";

/** A mail as it goes to the SMTP server. */
export interface OutgoingMail {
  /** `<local@domain>`. The same for each attempt, so that a receiver recognises a repetition. */
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Milliseconds to wait for a server: one that does not answer must not hold a handler until its own time limit. */
const timeouts = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000, dnsTimeout: 5_000 };

/**
 * Hands a mail to an SMTP server, `smtp://user:password@host:port`.
 *
 * @throws PermanentError when the server refuses the address or the mail for good (a 5xx reply, RFC 5321, 4.2.1); any
 * other error is worth another attempt.
 */
export async function deliver(smtpUrl: string, mail: OutgoingMail): Promise<void> {
  const transport = createTransport({ ...timeouts, url: smtpUrl });
  try {
    // No out-of-office reply is to come back (RFC 3834, 5).
    const headers = { "Auto-Submitted": "auto-generated" };
    await transport.sendMail({ ...mail, headers, disableFileAccess: true, disableUrlAccess: true });
  } catch (error) {
    throw permanent(error) ?? error;
  } finally {
    transport.close();
  }
}

/** nodemailer's codes for a refused envelope and a refused message. A refused login is left out: it is the operator's to mend. */
const refusals: unknown[] = ["EENVELOPE", "EMESSAGE"];

function permanent(error: unknown): PermanentError | undefined {
  if (!(error instanceof Error) || !refusals.includes(Reflect.get(error, "code"))) return undefined;
  const code: unknown = Reflect.get(error, "responseCode");
  if (typeof code !== "number" || code < 500) return undefined;
  return new PermanentError(`The SMTP server refused the mail: ${Reflect.get(error, "response") ?? error.message}`, {
    cause: error,
  });
}
