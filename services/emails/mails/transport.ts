import { createTransport } from "nodemailer";

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
 * @throws the error of nodemailer; `refusalOf` tells whose fault it is.
 */
export async function deliver(smtpUrl: string, mail: OutgoingMail): Promise<void> {
  const transport = createTransport({ ...timeouts, url: smtpUrl });
  try {
    // No out-of-office reply is to come back (RFC 3834, 5).
    const headers = { "Auto-Submitted": "auto-generated" };
    await transport.sendMail({ ...mail, headers, disableFileAccess: true, disableUrlAccess: true });
  } finally {
    transport.close();
  }
}
