import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { EventData } from "postbox";
import { setup, type TestStack, until } from "postbox/testing";
import { createUser } from "../../libs/auth/events.ts";
import { mail } from "../../libs/emails/mail.ts";
import { MailCatcher } from "../../services/emails/mails/catcher.ts";
import { mailsTo } from "./mailbox.ts";

/** What a service has in its `libs/<service>/events.ts`; the service users stands for any. */
const requestMail = mail.from("users");
type Request = EventData<typeof requestMail>;

const catcher = new MailCatcher();
let stack: TestStack;
beforeAll(async () => {
  await catcher.start();
  stack = await setup({ env: { SMTP_URL: catcher.url } });
  await stack.startServices(["auth.worker", "users.worker", "emails.worker"]);
});
afterAll(async () => {
  await stack?.stop();
  await catcher.stop();
});

const request = (to: Request["to"], changes: Partial<Request> = {}): Request => ({
  to,
  subject: "Your order",
  paragraphs: ["It is on its way."],
  ...changes,
});

test("a mail that a service asks for has its words in HTML and in text, with a button, and goes out once", async () => {
  await stack.publish(
    requestMail,
    request("ada@example.com", {
      subject: "Your order — 2 × <b>tea</b> & cake",
      paragraphs: ["Hello <script>alert(1)</script>,\nand welcome.", "It is on its way."],
      button: { label: "Follow it", url: "https://shop.example/orders/7?a=1&b=2" },
    }),
  );
  await stack.settle();
  // A second delivery of the same event finds the record of the mail.
  await stack.database("users").query({
    text: "update event_outbox set status = 'pending', send_number = send_number + 1 where event_type = 'users.request.mail'",
  });
  await stack.settle();
  const mails = catcher.mails.filter(({ to }) => to === "ada@example.com");
  expect(mails).toHaveLength(1);
  const [{ subject = "", text = "", html = "" } = {}] = mails;
  expect(subject).toBe("Your order — 2 × <b>tea</b> & cake");
  expect(text.trim()).toBe(
    "Hello <script>alert(1)</script>,\nand welcome.\n\nIt is on its way.\n\nhttps://shop.example/orders/7?a=1&b=2",
  );
  expect(html).toContain("Hello &lt;script&gt;alert(1)&lt;/script&gt;,\nand welcome.");
  expect(html).toContain('href="https://shop.example/orders/7?a=1&amp;b=2"');
  expect(html).not.toMatch(/<script|<b>/);
});

test("a user is written to at the address that emails knows", async () => {
  const id = "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e";
  const user = {
    username: "grace",
    email: "grace@example.com",
    role: "user",
    verified: true,
    disabled: false,
  } as const;
  await stack.publish(createUser, { user: { ...user, id, created_at: "2026-11-22T12:00:00.000Z" } });
  await stack.publish(requestMail, request({ user_id: id }));
  await mailsTo(catcher, "grace@example.com");
});

test("mails of one key go out in the order of their commits", async () => {
  const subjects = Array.from({ length: 10 }, (_, number) => `Step ${number}`);
  for (const subject of subjects)
    await stack.publish(requestMail, request("ordered@example.com", { subject }), { key: "order 7" });
  const mails = await mailsTo(catcher, "ordered@example.com", subjects.length);
  expect(mails.map(({ subject }) => subject).reverse()).toEqual(subjects);
});

test.each<[string, Partial<Record<keyof Request, unknown>>]>([
  ["a subject of two lines", { subject: "Hello\r\nBcc: everybody@example.com" }],
  ["an address with a line break", { to: "ada@example.com\r\nBcc: everybody@example.com" }],
  ["two addresses", { to: "ada@example.com, everybody@example.com" }],
  ["a script behind the button", { button: { label: "Go", url: "javascript:alert(1)" } }],
  ["a quote in the button's address", { button: { label: "Go", url: 'https://shop.example/" onclick="x' } }],
  ["a button's label of two lines", { button: { label: "a\nb", url: "https://shop.example/" } }],
  ["a NUL in a paragraph", { paragraphs: ["a\0b"] }],
  ["no paragraph", { paragraphs: [] }],
  ["a field that the mail does not have", { bcc: "everybody@example.com" } as object],
])("%s is refused before anything commits", async (_, changes) => {
  const data = { ...request("ada@example.com"), ...changes } as Request;
  await expect(stack.publish(requestMail, data)).rejects.toMatchObject({ type: "event-invalid" });
});

test("a mail that cannot be sent is a dead letter of the service that asked for it, with the reason", async () => {
  await stack.publish(requestMail, request("late@example.com", { expires_at: "2020-01-01T00:00:00.000Z" }));
  await stack.publish(
    requestMail,
    request("nowhere@example.com", { button: { label: "Go", url: "https://[not-an-address" } }),
  );
  const dead = await until(async () => {
    const { rows } = await stack.database("users").query<{ error_message: string }>({
      text: "select error_message from event_outbox where status = 'dead' order by id",
    });
    return rows.length === 2 && rows.map(({ error_message }) => error_message);
  });
  expect(dead).toEqual([
    expect.stringContaining("could not be sent before 2020-01-01"),
    expect.stringContaining("which is no address"),
  ]);
});
