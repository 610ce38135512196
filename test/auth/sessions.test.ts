import { afterAll, beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { configure } from "postbox";
import { until } from "postbox/testing";
import { type Answer, textOf, untilTaken } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({}, ["auth", "gateway"]);
});
afterAll(() => identity?.stop());

interface Session {
  readonly id: string;
  readonly ip_address: string;
}

async function logIn(username: string) {
  await identity.api.register(username);
  const { body, cookie = "" } = await identity.api.login(username);
  return { token: textOf(body, "access_token"), cookie };
}

/** Moves the user's last exchanges of refresh tokens into the past. */
async function moveExchanges(username: string, by: string): Promise<void> {
  await identity.auth.query({
    text: `update session set last_used_at = last_used_at - $2::interval
      where account_id = (select id from account where username = $1)`,
    values: [username, by],
  });
}

async function sessionsOf(token: string): Promise<Session[]> {
  const { body } = await identity.api.send("GET /auth/tokens/me", { token });
  expect(body.count).toBe((body.refresh_tokens as Session[]).length);
  return body.refresh_tokens as Session[];
}

test("a refresh token gives a new one and an access token, as often as it is exchanged", async () => {
  const { api } = identity;
  let { cookie } = await logIn("patient");
  for (let round = 0; round < 3; round += 1) {
    const { status, body, cookie: next = "" } = await api.refresh(cookie);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: "bearer", expires_in: 900 });
    expect(next).not.toBe(cookie);
    cookie = next;
  }
});

test("a second use of a refresh token ends its session, also the token that came after it", async () => {
  const { api } = identity;
  const { cookie: first } = await logIn("robbed");
  const { cookie: second = "" } = await api.refresh(first);
  const { cookie: third = "" } = await api.refresh(second);
  expect((await api.refresh(first)).status).toBe(401);
  expect((await api.refresh(third)).status).toBe(401);
});

test("a replay after the grace ends its session, and leaves the user's other sessions alone", async () => {
  const { api } = identity;
  const { cookie: stolen } = await logIn("careful");
  const { cookie: other = "" } = await api.login("careful");
  const { cookie: next = "" } = await api.refresh(stolen);
  await moveExchanges("careful", "11 s");
  expect((await api.refresh(stolen)).status).toBe(401);
  expect((await api.refresh(next)).status).toBe(401);
  expect((await api.refresh(other)).status).toBe(200);
});

test("a refresh that is sent again after a lost answer gets the same successor, an access token of its own, and goes on", async () => {
  const { api } = identity;
  const { cookie } = await logIn("unlucky");
  const [lost, again] = [await api.refresh(cookie), await api.refresh(cookie)];
  expect([lost.status, again.status]).toEqual([200, 200]);
  expect(again.cookie).toBe(lost.cookie);
  expect(again.body.access_token).not.toBe(lost.body.access_token);
  for (const { body } of [lost, again]) expect(await sessionsOf(textOf(body, "access_token"))).toHaveLength(1);
  await moveExchanges("unlucky", "11 s");
  expect((await api.refresh(again.cookie ?? "")).status).toBe(200);
});

test("of 50 refreshes of one token at once, all get one successor, and nobody is logged out", async () => {
  const { api } = identity;
  const { cookie } = await logIn("crowded");
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.refresh(cookie)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(50);
  const [next = "", ...others] = new Set(answers.map(({ cookie }) => cookie));
  expect(others).toEqual([]);
  await moveExchanges("crowded", "11 s");
  expect((await api.refresh(next)).status).toBe(200);
});

test("a second use within the grace does not prolong the grace", async () => {
  const { api } = identity;
  const { cookie } = await logIn("persistent");
  await api.refresh(cookie);
  await moveExchanges("persistent", "6 s");
  expect((await api.refresh(cookie)).status).toBe(200);
  await moveExchanges("persistent", "6 s");
  expect((await api.refresh(cookie)).status).toBe(401);
});

test("a successor that was made with the other key is told again while the key is changed", async () => {
  const { api, stack } = identity;
  const { cookie } = await logIn("rekeyed");
  const { cookie: next } = await api.refresh(cookie);
  const { TOKEN_SECRET } = stack.config;
  configure({
    ...stack.config,
    TOKEN_SECRET: "another secret, of more than 32 bytes",
    TOKEN_SECRET_SECOND: TOKEN_SECRET,
  });
  try {
    expect((await api.refresh(cookie)).cookie).toBe(next);
  } finally {
    configure(stack.config);
  }
});

test("with a grace of 0 a second use ends the session, also where the second waited for the first", async () => {
  const { api, stack } = identity;
  const { cookie } = await logIn("strict");
  configure(Object.assign({}, stack.config, { REFRESH_GRACE_SECONDS: 0 }));
  try {
    const statuses = (await Promise.all([1, 2, 3].map(() => api.refresh(cookie)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401, 401]);
  } finally {
    configure(stack.config);
  }
});

test.each([
  ["nothing", undefined],
  ["something else", "abc"],
  ["a token of the right form", `${"a".repeat(22)}.${"b".repeat(43)}`],
])("%s in place of a refresh token is 401", async (_, cookie) => {
  const answer = await identity.api.send("POST /auth/token/refresh", cookie === undefined ? {} : { cookie });
  expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
});

test("an expired refresh token is 401", async () => {
  const { api, auth } = identity;
  const { cookie } = await logIn("late");
  await auth.query({
    text: "update session set expires_at = now() where account_id = (select id from account where username = 'late')",
  });
  expect((await api.refresh(cookie)).status).toBe(401);
});

test("the database holds hashes of refresh tokens only", async () => {
  const { auth } = identity;
  const { cookie } = await logIn("hashed");
  const { rows } = await auth.query<{ text: string }>({ text: "select session::text as text from session" });
  const all = rows.map(({ text }) => text).join("\n");
  for (const part of cookie.split(".")) expect(all).not.toContain(part);
});

test("own sessions are listed with address and last use, and a refresh moves the last use", async () => {
  const { api } = identity;
  const { token, cookie } = await logIn("lister");
  await api.login("lister");
  const before = await sessionsOf(token);
  expect(before).toEqual(
    Array(2).fill({
      id: expect.any(String),
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      ip_address: "127.0.0.1",
    }),
  );
  await api.refresh(cookie);
  const after = await sessionsOf(token);
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id).reverse());
});

test("a user has ten sessions at most: the one least recently used makes room", async () => {
  const { api } = identity;
  const { token, cookie: first } = await logIn("traveller");
  const { cookie: second = "" } = await api.login("traveller");
  const { cookie: kept = "" } = await api.refresh(first);
  for (let login = 0; login < 9; login += 1) await api.login("traveller");
  expect(await sessionsOf(token)).toHaveLength(10);
  expect((await api.refresh(second)).status).toBe(401);
  expect((await api.refresh(kept)).status).toBe(200);
});

test("15 logins at once leave ten sessions", async () => {
  const { api, auth } = identity;
  await api.register("hasty");
  const answers = await Promise.all(Array.from({ length: 15 }, () => untilTaken(() => api.login("hasty"))));
  expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(200));
  // Each access token may be that of a session which made room.
  const { rows } = await auth.query({
    text: "select from session where account_id = (select id from account where username = 'hasty')",
  });
  expect(rows).toHaveLength(10);
});

test("a session can be ended by its owner, and by nobody else", async () => {
  const { api } = identity;
  const { token, cookie } = await logIn("owner");
  const { token: stranger } = await logIn("stranger");
  const [session] = await sessionsOf(token);
  const target = `DELETE /auth/tokens/me/${session?.id}`;
  expect((await api.send(target, { token: stranger })).status).toBe(404);
  expect((await api.send(target, { token })).status).toBe(200);
  expect((await api.send(target, { token })).status).toBe(404);
  expect((await api.refresh(cookie)).status).toBe(401);
});

test("a session's id that is none is refused", async () => {
  const { token } = await logIn("sloppy");
  expect((await identity.api.send("DELETE /auth/tokens/me/12", { token })).status).toBe(422);
});

test("a logout ends this session and clears the cookie; the others go on", async () => {
  const { api } = identity;
  const { token, cookie } = await logIn("leaver");
  const { cookie: other = "" } = await api.login("leaver");
  const answer = await api.send("POST /auth/logout", { token });
  expect(answer).toMatchObject({ status: 200, cookie: "" });
  expect((await api.refresh(cookie)).status).toBe(401);
  expect((await api.refresh(other)).status).toBe(200);
});

test("a logout everywhere ends all sessions", async () => {
  const { api } = identity;
  const { token } = await logIn("goner");
  const { cookie: other = "" } = await api.login("goner");
  expect((await api.send("POST /auth/logout?everywhere=true", { token })).status).toBe(200);
  expect((await api.refresh(other)).status).toBe(401);
});

test.each([
  ["nothing", {}],
  ["an access token that is none and no cookie", { token: "expired" }],
  ["a cookie that holds no token", { cookie: "nonsense" }],
])("a logout with %s is 401", async (_, given) => {
  expect((await identity.api.send("POST /auth/logout", given)).status).toBe(401);
});

test("the cookie alone ends its session, also beside an access token that has expired or is another's", async () => {
  const { api, stack } = identity;
  const { token: claims, cookie: kept } = await logIn("dozer");
  const { payload, header } = Object(jwt.decode(claims, { complete: true }));
  const expired = jwt.sign(
    { ...payload, iat: payload.iat - 3_600, exp: payload.exp - 3_600 },
    stack.config.TOKEN_SECRET,
    {
      header,
    },
  );
  const other = await logIn("neighbour");
  for (const token of [undefined, expired, other.token]) {
    const { cookie = "", body } = await api.login("dozer");
    const answer = await api.send("POST /auth/logout", { cookie, ...(token !== undefined && { token }) });
    expect(answer).toMatchObject({ status: 200, cookie: "" });
    expect((await api.refresh(cookie)).status).toBe(401);
    await until(
      async () => (await api.send("GET /auth/tokens/me", { token: textOf(body, "access_token") })).status === 401,
    );
  }
  expect((await api.refresh(other.cookie)).status).toBe(401);
  expect((await api.refresh(kept)).status).toBe(200);
});

test("a logout everywhere by the cookie alone ends all sessions, also by a token that was used before", async () => {
  const { api } = identity;
  const { cookie: used } = await logIn("traveller-home");
  const { cookie: other = "" } = await api.login("traveller-home");
  await api.refresh(used);
  expect((await api.send("POST /auth/logout?everywhere=true", { cookie: used })).status).toBe(200);
  expect((await api.refresh(other)).status).toBe(401);
});

test("of several cookies of the name the good one counts, wherever it stands, and no session ends", async () => {
  const { api } = identity;
  const { cookie: used } = await logIn("collector");
  const { cookie: middle = "" } = await api.refresh(used);
  let { cookie: present = "" } = await api.refresh(middle);
  const planted = `${"a".repeat(22)}.${"b".repeat(43)}`;
  for (const others of [[used], [planted, "nonsense"], [planted, used, middle]])
    for (const isFirst of [true, false]) {
      await moveExchanges("collector", "11 s");
      const cookies = isFirst ? [present, ...others] : [...others, present];
      const { status, cookie: next = "" } = await api.refresh(cookies.join("; refresh_token="));
      expect(status).toBe(200);
      present = next;
    }
  expect((await api.refresh(`${used}; refresh_token=${middle}`)).status).toBe(401);
  expect((await api.refresh(present)).status).toBe(401);
});

test("where users come by https, cookies are bound to the host, and those of the plain name are read and replaced", async () => {
  const { api, stack } = identity;
  const { cookie: plain, token } = await logIn("mover");
  const lines = ({ headers }: Answer) => headers.getSetCookie();
  configure(Object.assign({}, stack.config, { ENVIRONMENT: "staging", PUBLIC_URL: "https://api.example.com" }));
  try {
    const guards = "HttpOnly; Secure; SameSite=Lax";
    const forgotten = `refresh_token=; Path=/auth; Max-Age=0; ${guards}`;
    const [refreshed, replaced] = lines(await api.refresh(plain));
    expect(refreshed).toMatch(
      /^__Host-refresh_token=[\w-]{22}\.[\w-]{43}; Path=\/; Max-Age=5184000; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(replaced).toBe(forgotten);
    const [bound = ""] = refreshed?.split(";") ?? [];
    // The one of the plain name may be a neighbour's.
    const again = await api.refresh(`${plain}; ${bound}`);
    expect(again.status).toBe(200);
    expect(lines(await api.login("mover")).map((line) => line.split("=")[0])).toEqual([
      "__Host-refresh_token",
      "refresh_token",
      "__Host-device",
    ]);
    const [next = ""] = lines(again)[0]?.split(";") ?? [];
    const out = await api.send("POST /auth/logout", { cookie: `; ${next}` });
    expect([out.status, ...lines(out)]).toEqual([
      200,
      `__Host-refresh_token=; Path=/; Max-Age=0; ${guards}`,
      forgotten,
    ]);
    expect((await api.refresh(`; ${next}`)).status).toBe(401);
  } finally {
    configure(stack.config);
  }
  await until(async () => (await api.send("GET /auth/tokens/me", { token })).status === 401);
});
