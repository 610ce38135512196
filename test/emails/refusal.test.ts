import { expect, test } from "@jest/globals";
import { refusalOf } from "../../services/emails/mails/refusal.ts";

/** A command, what the server replied to it, and whose fault that is. `.` stands for the message itself. */
const replies = [
  ["RCPT TO", "550 No such mailbox", "recipient_refused"],
  ["RCPT TO", "550 5.1.1 User unknown", "recipient_refused"],
  ["RCPT TO", "550-5.1.1 The email account that you tried to reach does not exist.", "recipient_refused"],
  ["RCPT TO", "556 5.1.10 Recipient address has null MX", "recipient_refused"],
  ["RCPT TO", "550 5.2.1 Mailbox disabled", "recipient_refused"],
  ["RCPT TO", "550 5.4.1 Recipient address rejected: Access denied", "recipient_refused"],
  ["RCPT TO", "550 5.7.17 Mailbox owner has changed", "recipient_refused"],
  ["RCPT TO", "553 5.1.8 Sender address rejected: Domain not found", "sender_refused"],
  ["RCPT TO", "554 5.7.1 Relay access denied", "sender_refused"],
  ["RCPT TO", "550 relay not permitted", "sender_refused"],
  ["RCPT TO", "530 5.7.0 Authentication required", "sender_refused"],
  ["RCPT TO", "550 5.4.5 Daily user sending quota exceeded", "sender_refused"],
  ["RCPT TO", "552 5.2.2 Mailbox full", "deferred"],
  ["RCPT TO", "450 4.2.0 Greylisted", "deferred"],
  ["RCPT TO", "451 Try again later", "deferred"],
  ["MAIL FROM", "550 Sender rejected", "sender_refused"],
  ["MAIL FROM", "550 5.1.0 Address rejected", "sender_refused"],
  ["MAIL FROM", "552 Quota exceeded", "sender_refused"],
  ["MAIL FROM", "552 5.3.4 Message size exceeds fixed limit", "content_refused"],
  ["MAIL FROM", "452 4.3.1 Insufficient system storage", "deferred"],
  ["MAIL FROM", "530 5.7.57 Client not authenticated to send mail", "sender_refused"],
  ["DATA", "554 5.5.1 No valid recipients", "sender_refused"],
  ["DATA", "550 5.7.1 Refused by policy", "sender_refused"],
  ["DATA", "421 4.7.0 Too many connections", "deferred"],
  [".", "550 Rejected", "content_refused"],
  [".", "554 5.7.1 Spam message rejected", "content_refused"],
  [
    ".",
    "552-5.7.0 This message was blocked because its content presents a potential security issue.",
    "content_refused",
  ],
  [".", "554 5.6.0 Malformed message", "content_refused"],
  [".", "552 5.3.4 Message too big", "content_refused"],
  [".", "550 5.7.26 Unauthenticated mail is not accepted due to the DMARC policy", "sender_refused"],
  [".", "550 5.7.60 Client does not have permissions to send as this sender", "sender_refused"],
  [".", "552 Requested mail action aborted: exceeded storage allocation", "sender_refused"],
  [".", "550 5.1.1 User unknown", "recipient_refused"],
  [".", "451 4.7.1 Greylisted", "deferred"],
  ["AUTH PLAIN", "535 5.7.8 Bad credentials", "sender_refused"],
  ["AUTH LOGIN", "454 4.7.0 Temporary authentication failure", "sender_refused"],
  ["EHLO", "550 5.7.1 Your address is on a block list", "sender_refused"],
  ["CONN", "554 No SMTP service here", "sender_refused"],
  ["CONN", "421 Service not available", "deferred"],
] as const;

test.each(replies)("the reply to %s, %s, is a fault of the kind %s", (command, response, refusal) => {
  const code = command === "." ? "EMESSAGE" : command.startsWith("AUTH") ? "EAUTH" : "EENVELOPE";
  expect(refusalOf(Object.assign(new Error(), { code, command: command === "." ? "DATA" : command, response }))).toBe(
    refusal,
  );
});

test("an error before any reply means that no server was reached, unless nodemailer refused the address itself", () => {
  const kind = (code: string, message = "", command = "API") =>
    refusalOf(Object.assign(new Error(message), { code, command }));
  for (const code of ["EDNS", "ECONNECTION", "ESOCKET", "ETIMEDOUT", "ETLS", "EPROTOCOL"])
    expect(kind(code, "", "CONN")).toBe("unreachable");
  expect(kind("EENVELOPE", 'Invalid recipient "a\\r\\nb"')).toBe("recipient_refused");
  expect(kind("EENVELOPE", 'Invalid sender "nobody"')).toBe("sender_refused");
  expect(kind("EMESSAGE", "Message size larger than allowed 10", "MAIL FROM")).toBe("content_refused");
  expect(kind("EAUTH", "Missing credentials")).toBe("sender_refused");
});
