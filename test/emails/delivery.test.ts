import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { freePort, metricValue, until } from "postbox/testing";
import { SMTPServer } from "smtp-server";
import { MailCatcher } from "../../services/emails/mails/catcher.ts";
import { addressOf } from "../auth/api.ts";
import { type Identity, startIdentity } from "../auth/identity.ts";
import { mailsTo } from "./mailbox.ts";

let port: number;
let identity: Identity;
let catcher: MailCatcher;
beforeEach(async () => {
  port = await freePort();
  catcher = new MailCatcher();
  identity = await startIdentity({ SMTP_URL: `smtp://127.0.0.1:${port}` });
});
afterEach(async () => {
  await identity?.stop();
  await catcher.stop();
});

async function inboxOfEmails(): Promise<Record<string, unknown>[]> {
  const { rows } = await identity.emails.query({
    text: "select status, attempts, error_message from event_inbox where event_type = 'emails.send.mail'",
  });
  return rows;
}

test("mails that could not be sent while SMTP was away arrive, each once, when it is back", async () => {
  const { api } = identity;
  const names = ["ada", "grace", "edsger"];
  for (const name of names) await api.register(name);
  await until(async () => {
    const mails = await inboxOfEmails();
    return mails.length === names.length && mails.every(({ attempts }) => Number(attempts) > 0);
  });
  await catcher.start(port);
  for (const name of names) await mailsTo(catcher, addressOf(name));
  await until(async () => (await inboxOfEmails()).every(({ status }) => status === "processed"));
  expect(catcher.mails).toHaveLength(names.length);
});

test("an address that the server refuses makes the mail dead with the reason, and holds nothing else up", async () => {
  const { api, emails } = identity;
  const refusing = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error("No such mailbox"), { responseCode: 550 })),
  });
  await new Promise<void>((resolve) => refusing.listen(port, "127.0.0.1", resolve));
  await api.register("unknown");
  await until(async () => (await inboxOfEmails()).some(({ status }) => status === "dead"));
  expect(await inboxOfEmails()).toEqual([
    { status: "dead", attempts: 1, error_message: expect.stringContaining("550 No such mailbox") },
  ]);
  await new Promise<void>((resolve) => refusing.close(() => resolve()));

  await catcher.start(port);
  await api.register("known");
  await mailsTo(catcher, addressOf("known"));
  const { rows } = await emails.query({ text: "select from recipient where username in ('unknown', 'known')" });
  expect(rows).toHaveLength(2);
});

test("a mail whose sender the server refuses is not given up, and arrives once the operator has mended that", async () => {
  const { api, stack } = identity;
  const replies = [
    "550 5.7.1 This sender may not send here",
    "452 4.3.1 Quota exceeded",
    "552 5.4.5 Daily quota exceeded",
  ];
  const refusing = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    onMailFrom: (_address, _session, done) => {
      const reply = replies.shift() ?? "550 Still refused";
      done(Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) }));
    },
  });
  await new Promise<void>((resolve) => refusing.listen(port, "127.0.0.1", resolve));
  await api.register("ada");
  await until(async () => (await inboxOfEmails()).some(({ attempts }) => Number(attempts) >= 4));
  expect(await inboxOfEmails()).toEqual([
    {
      status: "failed",
      attempts: expect.anything(),
      error_message: expect.stringMatching(/sender.*MAIL_FROM.*550 Still/),
    },
  ]);
  expect(await metricValue("postbox_mail_total", { outcome: "sender_refused" })).toBeGreaterThanOrEqual(3);
  await new Promise<void>((resolve) => refusing.close(() => resolve()));
  await catcher.start(port);
  await mailsTo(catcher, addressOf("ada"));
  await stack.settle({ retries: true });
});

test("a mail that could not be sent in time is dead, and says so", async () => {
  const { api, emails } = identity;
  await api.register("ada");
  await until(async () => (await inboxOfEmails()).some(({ attempts }) => Number(attempts) > 0));
  await emails.query({
    text: `update event_inbox set next_attempt_at = now(),
      data = jsonb_set(data::jsonb, '{expires_at}', '"2020-01-01T00:00:00.000Z"')::json where event_type = 'emails.send.mail'`,
  });
  await until(async () => (await inboxOfEmails()).some(({ status }) => status === "dead"));
  expect(await inboxOfEmails()).toMatchObject([{ error_message: expect.stringContaining("before 2020-01-01") }]);
});

test("a mail event that is delivered again sends no second mail", async () => {
  const { api, emails, settled } = identity;
  await catcher.start(port);
  await api.register("ada");
  await settled();
  const { rows } = await emails.query<{ id: string }>({
    text: "update event_outbox set status = 'pending', send_number = send_number + 1 returning id",
  });
  await settled();
  expect(rows).toHaveLength(1);
  expect(catcher.mails).toHaveLength(1);
});

test("a mail that was sent but not recorded is sent again under the same Message-ID", async () => {
  const { api, emails, stack } = identity;
  // Fails the first COMMIT that follows the server's 250, as a crash between the two would. A sequence is not rolled back.
  await emails.query({ text: "create sequence commits" });
  await emails.query({
    text: `create function fail_once() returns trigger language plpgsql as $$
      begin if nextval('commits') = 1 then raise exception 'cut off'; end if; return null; end $$`,
  });
  await emails.query({
    text: `create constraint trigger fail_once after insert on mail
      deferrable initially deferred for each row execute function fail_once()`,
  });
  await catcher.start(port);
  await api.register("ada");
  const [second, first] = await mailsTo(catcher, addressOf("ada"), 2);
  expect(second?.message_id).toBe(first?.message_id);
  await stack.settle({ retries: true });
  const { rows } = await emails.query({ text: "select message_id from mail" });
  expect(rows).toEqual([{ message_id: first?.message_id }]);
});
