import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { callAsService } from "postbox";
import { setDisabled } from "../../libs/auth/actions.ts";
import { MailCatcher } from "../../services/emails/mails/catcher.ts";
import { addressOf, password, textOf, untilTaken } from "../auth/api.ts";
import { type Identity, startIdentity } from "../auth/identity.ts";
import { codeIn, linkIn, mailsTo } from "./mailbox.ts";

const catcher = new MailCatcher();
let identity: Identity;
beforeAll(async () => {
  await catcher.start();
  identity = await startIdentity({ SMTP_URL: catcher.url, REQUIRE_USER_VERIFICATION: "true" });
});
afterAll(async () => {
  await identity?.stop();
  await catcher.stop();
});

const newPassword = "Another#Password2";

async function registered(username: string) {
  const id = textOf((await identity.api.register(username)).body, "id");
  const [mail] = await mailsTo(catcher, addressOf(username));
  if (!mail) throw new Error("No mail came.");
  return { id, mail };
}

async function verified(username: string) {
  const { id, mail } = await registered(username);
  await identity.api.send(`GET ${linkIn(mail)}`);
  await identity.settled();
  return id;
}

async function resetCode(username: string): Promise<string> {
  await identity.api.send(`POST /auth/password/forgot?username_email=${username}`);
  const [mail] = await mailsTo(catcher, addressOf(username), 2);
  return codeIn(mail ?? fail());
}

const fail = (): never => {
  throw new Error("No mail came.");
};

const reset = (token: string, new_password = newPassword) =>
  identity.api.send("POST /auth/password/reset", { json: { token, new_password } });

test("a login waits for the address to be verified by the link in the mail, and then works", async () => {
  const { api, users, settled } = identity;
  const { mail } = await registered("ada");
  expect(mail).toMatchObject({ from: "no-reply@postbox.example", subject: "Verify your email address" });
  expect(await api.login("ada")).toMatchObject({ status: 403, body: { code: "unverified-user" } });
  expect((await api.login("ada", "Wrong#Password1")).status).toBe(401);

  expect((await api.send(`GET ${linkIn(mail)}`)).status).toBe(200);
  expect((await api.login("ada")).status).toBe(200);
  await settled();
  const { rows } = await users.query({ text: "select verified from profile where username = 'ada'" });
  expect(rows).toEqual([{ verified: true }]);
});

test("a second confirmation says that the address is verified already, and tells nobody anew", async () => {
  const { api, auth, settled } = identity;
  const { mail, id } = await registered("twice");
  const link = linkIn(mail);
  const answers = await Promise.all([api.send(`GET ${link}`), api.send(`POST ${link}`), api.send(`GET ${link}`)]);
  expect(answers.map(({ status, body }) => `${status} ${body.message}`).sort()).toEqual([
    "200 Your address is verified.",
    ...Array(2).fill("200 Your address was verified already."),
  ]);
  await settled();
  const { rows } = await auth.query({
    text: "select from event_outbox where event_type = 'auth.change.user' and target = 'users' and key = $1",
    values: [id],
  });
  expect(rows).toHaveLength(1);
});

/** Visits of programs and people that do not ask for JSON. */
const visits = {
  "a browser": { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
  "a browser that comes from the page of a mail reader": {
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
  },
  "a program that takes anything": { accept: "*/*" },
  "a program that prefers HTML to JSON": { accept: "application/json;q=0.5, text/html" },
};

test.each(Object.entries(visits))("a visit by %s uses no link up and gets a page", async (who, headers) => {
  const { services, auth } = identity;
  const name = `visited${Object.keys(visits).indexOf(who)}`;
  const { mail, id } = await registered(name);
  const answer = await fetch(`${services.gateway}${linkIn(mail)}`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("cache-control")).toContain("no-store");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none';/);
  expect(await answer.text()).toContain("<button>Verify my address</button>");
  const { rows } = await auth.query({ text: "select verified from account where id = $1", values: [id] });
  expect(rows).toEqual([{ verified: false }]);
});

test("a page of another site can neither have a mail sent nor use a link", async () => {
  const { services, auth } = identity;
  const { mail } = await registered("framed");
  const image = {
    accept: "image/avif,image/webp,*/*;q=0.8",
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "no-cors",
  };
  const asked = `/auth/verification/email?email=${addressOf("framed")}`;
  const form = new URLSearchParams({ email: addressOf("framed") });
  const tries = [
    fetch(`${services.gateway}${asked}`, { headers: image }),
    fetch(`${services.gateway}${linkIn(mail)}`, { headers: { ...image, accept: "application/json" } }),
    fetch(`${services.gateway}/auth/verification/email`, { method: "POST", headers: image, body: form }),
    fetch(`${services.gateway}/auth/password/forgot?username_email=framed`, { method: "POST", headers: image }),
  ];
  expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  // A visit is shown a form instead.
  const visit = await fetch(`${services.gateway}${asked}`, {
    headers: visits["a browser that comes from the page of a mail reader"],
  });
  expect([visit.status, (await visit.text()).includes("Send the link")]).toEqual([200, true]);
  const { rows } = await auth.query({
    text: "select from event_outbox where event_type = 'auth.request.link' and data->>'username_email' like 'framed%'",
  });
  expect(rows).toEqual([]);
});

test("a HEAD, as scanners of mails send it, neither uses a link up nor has a mail sent", async () => {
  const { api, auth } = identity;
  const { mail } = await registered("scanned");
  const head = await fetch(`${identity.services.gateway}${linkIn(mail)}`, { method: "HEAD" });
  expect([head.status, head.headers.get("allow")]).toEqual([405, "GET, POST"]);
  const path = `/auth/verification/email?email=${addressOf("scanned")}`;
  expect((await fetch(`${identity.services.gateway}${path}`, { method: "HEAD" })).status).toBe(405);
  const { rows } = await auth.query({
    text: "select from event_outbox where event_type = 'auth.request.link' and data->>'username_email' like 'scanned%'",
  });
  expect(rows).toEqual([]);
  expect((await api.send(`GET ${linkIn(mail)}`)).status).toBe(200);
});

test("an expired link, an invented one and one of another purpose do not work", async () => {
  const { api, auth } = identity;
  const { id, mail } = await registered("late");
  expect((await api.send(`GET /auth/verification/email/${"a".repeat(43)}`)).status).toBe(400);
  const token = linkIn(mail).split("/").at(-1) ?? "";
  expect((await reset(token)).body).toMatchObject({ code: "link-invalid" });
  await auth.query({ text: "update link set expires_at = now() where account_id = $1", values: [id] });
  expect((await api.send(`GET ${linkIn(mail)}`)).status).toBe(400);
});

test("a verification mail can be asked for again; the older link then says that the address is verified", async () => {
  const { api } = identity;
  const { mail: older } = await registered("again");
  expect((await api.send(`GET /auth/verification/email?email=${addressOf("again")}`)).status).toBe(200);
  const [newer] = await mailsTo(catcher, addressOf("again"), 2);
  expect((await api.send(`GET ${linkIn(newer ?? fail())}`)).body).toEqual({ message: "Your address is verified." });
  expect((await api.send(`GET ${linkIn(older)}`)).body).toEqual({ message: "Your address was verified already." });
});

test("a forgotten password is set anew with the code in the mail; all sessions end, and the owner is told", async () => {
  const { api } = identity;
  await verified("forgetful");
  const { cookie = "" } = await api.login("forgetful");
  const code = await resetCode("forgetful");
  expect((await reset(code)).status).toBe(200);
  expect((await api.login("forgetful")).status).toBe(401);
  expect((await api.login("forgetful", newPassword)).status).toBe(200);
  expect((await api.refresh(cookie)).status).toBe(401);
  expect((await reset(code, "Third#Password3")).status).toBe(400);
  const [told] = await mailsTo(catcher, addressOf("forgetful"), 3);
  expect(told).toMatchObject({ subject: "Your password was changed" });
});

test("a reset to the present password is refused, and the code still works", async () => {
  await verified("stubborn");
  const code = await resetCode("stubborn");
  expect(await reset(code, password)).toMatchObject({ status: 400, body: { code: "no-change" } });
  expect((await reset(code, "weak")).status).toBe(422);
  expect((await reset(code)).status).toBe(200);
});

test("a code that was asked for before the password was changed does not work after it", async () => {
  const { api } = identity;
  await verified("stolen-mailbox");
  const code = await resetCode("stolen-mailbox");
  const { body } = await api.login("stolen-mailbox");
  const json = { current_password: password, new_password: newPassword };
  expect((await api.send("PATCH /users/me/password", { token: textOf(body, "access_token"), json })).status).toBe(200);
  expect(await reset(code, "Thief#Password3")).toMatchObject({ status: 400, body: { code: "link-invalid" } });
  expect((await api.login("stolen-mailbox", newPassword)).status).toBe(200);
});

test("of many resets with one code at once, one wins", async () => {
  await verified("racer");
  const code = await resetCode("racer");
  const passwords = Array.from({ length: 8 }, (_, n) => `Racing#Password${n}`);
  const statuses = (await Promise.all(passwords.map((one) => untilTaken(() => reset(code, one))))).map(
    ({ status }) => status,
  );
  expect(statuses.sort()).toEqual([200, ...Array(7).fill(400)]);
});

test("the answers to a request for a link do not tell whether there is such a user, and only such a user gets mail", async () => {
  const { api, services, settled } = identity;
  await verified("present");
  const user_id = await verified("outcast");
  await callAsService(services.broker, "users", setDisabled, { user_id, disabled: true });
  const before = catcher.mails.length;
  const forgot = (name: string) => api.send(`POST /auth/password/forgot?username_email=${name}`);
  const verify = (name: string) => api.send(`GET /auth/verification/email?email=${addressOf(name)}`);

  const answers = [await forgot("absent"), await forgot("outcast"), await forgot("present")];
  expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(200);
  const others = [await verify("absent"), await verify("outcast"), await verify("present")];
  expect(new Set(others.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
  await settled();
  expect(catcher.mails.slice(0, catcher.mails.length - before).map(({ to }) => to)).toEqual([addressOf("present")]);
});

test("a user gets five links an hour at most", async () => {
  const { api, settled } = identity;
  await registered("flooded");
  for (let round = 0; round < 8; round += 1)
    await api.send(`GET /auth/verification/email?email=${addressOf("flooded")}`);
  await settled();
  expect(catcher.mails.filter(({ to }) => to === addressOf("flooded"))).toHaveLength(5);
});

test("the token in a mail stands in no table of any service", async () => {
  const { auth, users, emails } = identity;
  const { mail } = await registered("sealed");
  const token = linkIn(mail).split("/").at(-1) ?? "";
  for (const database of [auth, users, emails]) {
    const { rows: tables } = await database.query<{ name: string }>({
      text: "select table_name as name from information_schema.tables where table_schema = 'public'",
    });
    for (const { name } of tables) {
      const { rows } = await database.query<{ text: string }>({ text: `select t::text as text from ${name} as t` });
      expect(rows.filter(({ text }) => text.includes(token))).toEqual([]);
    }
  }
});
