import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "postbox/testing";
import { v7 as uuid } from "uuid";
import { addressOf, password } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity?.stop());

/** But for 504: what a busy machine has not answered after ten seconds. */
const statusesOf = (answers: readonly { readonly status: number }[]) =>
  new Set(answers.map(({ status }) => status).filter((status) => status !== 504));

test.each([
  ["of users", "ada", 200],
  ["at names that nobody bears", "nobody", 401],
])(
  "200 logins at once %s are shed with 503 and Retry-After beyond what can wait; other requests are served",
  async (_, name, status) => {
    const { api, person } = identity;
    const { token } = await person(`bystander-${name}`);
    if (status === 200) await api.register(name);
    const logins = Array.from({ length: 200 }, () => api.login(name));
    const others = Array.from({ length: 50 }, () => api.send("GET /users/me", { token }));

    expect(new Set((await Promise.all(others)).map((answer) => answer.status))).toEqual(new Set([200]));
    const answers = await Promise.all(logins);
    expect(statusesOf(answers)).toEqual(new Set([status, 503]));
    const shed = answers.filter((answer) => answer.status === 503);
    expect(new Set(shed.map(({ headers, body }) => `${body.code} ${headers.get("retry-after")}`))).toEqual(
      new Set(["overloaded 1"]),
    );
    expect((await api.login(name)).status).toBe(status);
  },
);

test("200 registrations at once are shed", async () => {
  const { services, api, person } = identity;
  const { token } = await person("onlooker");
  const register = (n: number) =>
    fetch(`${services.gateway}/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: `many${n}`, email: addressOf(`many${n}`), password }),
    });
  const registrations = Array.from({ length: 200 }, (_, n) => register(n));
  const others = Array.from({ length: 50 }, () => api.send("GET /auth/tokens/me", { token }));

  expect(new Set((await Promise.all(others)).map((answer) => answer.status))).toEqual(new Set([200]));
  const answers = await Promise.all(registrations);
  expect(statusesOf(answers)).toEqual(new Set([201, 503]));
  const shed = answers.findIndex((answer) => answer.status === 503);
  expect((await register(shed)).status).toBe(201);
});

test("right passwords that are shed do not count as tries", async () => {
  const limited = await startIdentity({ RATE_LIMIT_ENABLED: "true", TRUSTED_PROXIES: "127.0.0.1" }, [
    "auth",
    "gateway",
  ]);
  try {
    const { api, auth } = limited;
    await api.register("model");
    const names = Array.from({ length: 200 }, (_, n) => `right${n}`);
    await auth.query({
      text: `insert into account (id, username, email, password_hash)
        select new_id, name, name || '@example.com', password_hash from account, unnest($1::uuid[], $2::text[]) as given (new_id, name)
        where username = 'model'`,
      values: [names.map(() => uuid()), names],
    });
    const answers = await Promise.all(
      names.map((name, n) => api.login(name, password, { address: `192.0.2.${n + 1}` })),
    );
    expect(statusesOf(answers)).toEqual(new Set([200, 503]));
    const counted = async () =>
      (await auth.query({ text: "select scope from password_attempt where attempts > 0" })).rowCount;
    await until(async () => (await counted()) === 0, { what: "each try is taken back" });
  } finally {
    await limited.stop();
  }
});
