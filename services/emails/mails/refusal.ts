/**
 * Whose fault it is that a mail was not accepted:
 *
 * - `recipient_refused`, `content_refused`: the server will never take this mail. Both are final.
 * - `sender_refused`: the server refuses this sender, its login or its address, or its quota is full. An operator mends that.
 * - `deferred`: the server asks for another attempt later, as greylisting does.
 * - `unreachable`: no server answered: DNS, connection, TLS, time.
 */
export type Refusal = "recipient_refused" | "content_refused" | "sender_refused" | "deferred" | "unreachable";

/** What nodemailer says of a failed attempt. */
interface SmtpError {
  /** nodemailer's kind of error, such as `EENVELOPE`. */
  readonly code?: unknown;
  /** The SMTP command that failed. `CONN` stands for the connection, `API` for nodemailer itself. */
  readonly command?: unknown;
  /** The server's reply, with its code at the beginning. */
  readonly response?: unknown;
}

/** Replies that ask for a login, or refuse it (RFC 4954, 6). */
const loginReplies = [530, 534, 535, 538];

/** Replies to RCPT TO that speak of the recipient (RFC 5321, 4.2.2). 554 and 503 speak of the transaction. */
const recipientReplies = [501, 550, 551, 553];

/**
 * What an enhanced status code says (RFC 3463, RFC 5248, RFC 7372), by its last two numbers. The first entry that fits counts.
 * What is not in the list depends on the command.
 */
const byStatus: readonly (readonly [RegExp, Refusal])[] = [
  // The sender's address, its quota, its login, its signatures, its server's address.
  [/^(1\.[78]|4\.5|7\.([3-589]|1[0-69]|[2-9]\d|\d{3}))$/, "sender_refused"],
  // A full mailbox empties again.
  [/^2\.2$/, "deferred"],
  // Too large, or of a kind that is not taken.
  [/^(2\.3|3\.4|6\.\d+)$/, "content_refused"],
  // An address, a mailbox, a domain without a route, a mailbox or a domain that has another owner now.
  [/^(1\.\d+|2\.\d+|4\.[14]|7\.1[78])$/, "recipient_refused"],
];

/**
 * Tells whose fault a failed attempt is, by the SMTP command, the reply code and its enhanced status code. What cannot be
 * told for sure counts as the sender's, so that no mail is given up for a fault that an operator could mend.
 */
export function refusalOf(error: unknown): Refusal {
  const { code, command, response } = Object(error) as SmtpError;
  const text = String(response ?? "");
  const [, reply, status] = /^(\d{3})(?:[ -][245]\.(\d{1,3}\.\d{1,3})\b)?/.exec(text) ?? [];
  if (reply === undefined) return withoutReply(code, command, error);
  const number = Number(reply);
  if (code === "EAUTH" || loginReplies.includes(number)) return "sender_refused";
  if (number < 500) return "deferred";
  // 5.0.0 and its like say no more than the reply does.
  const known = status === undefined || status.startsWith("0.") ? undefined : status;
  const said = known === undefined ? undefined : byStatus.find(([pattern]) => pattern.test(known))?.[1];
  switch (command) {
    case "MAIL FROM":
      return said === "content_refused" ? said : "sender_refused";
    case "RCPT TO":
      return said ?? (known === undefined ? ofRecipient(number, text) : "sender_refused");
    case "DATA":
      return said ?? (code === "EMESSAGE" ? ofMessage(number, known) : "sender_refused");
    default:
      return "sender_refused";
  }
}

function withoutReply(code: unknown, command: unknown, error: unknown): Refusal {
  // nodemailer refuses these itself: a message over the size that the server announced, a text that is no address.
  if (code === "EMESSAGE" && command === "MAIL FROM") return "content_refused";
  if (code === "EENVELOPE") return /recipient/i.test(String(error)) ? "recipient_refused" : "sender_refused";
  return code === "EAUTH" ? "sender_refused" : "unreachable";
}

/** A reply to RCPT TO without an enhanced status code. */
function ofRecipient(reply: number, text: string): Refusal {
  // RFC 5321, 4.5.3.1.10, has a client treat 552 as 452.
  if (reply === 552) return "deferred";
  // Such servers say in words that they carry no mail for this sender.
  return recipientReplies.includes(reply) && !/\brelay/i.test(text) ? "recipient_refused" : "sender_refused";
}

/** A reply to the message itself: the server may have judged its content, most often as spam. */
function ofMessage(reply: number, status: string | undefined): Refusal {
  if (status === undefined) return reply === 552 ? "sender_refused" : "content_refused";
  return status.startsWith("7.") ? "content_refused" : "sender_refused";
}
