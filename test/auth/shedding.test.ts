import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { addressOf, password } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity?.stop());

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
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status, 503]));
    const shed = answers.filter((answer) => answer.status === 503);
    expect(new Set(shed.map(({ headers, body }) => `${body.code} ${headers.get("retry-after")}`))).toEqual(
      new Set(["overloaded 1"]),
    );
    expect((await api.login(name)).status).toBe(status);
  },
);

test("200 registrations at once with an Idempotency-Key are shed as those without", async () => {
  const { services, api, person } = identity;
  const { token } = await person("onlooker");
  const register = (n: number) =>
    fetch(`${services.gateway}/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `shed-${n}` },
      body: JSON.stringify({ username: `many${n}`, email: addressOf(`many${n}`), password }),
    });
  const registrations = Array.from({ length: 200 }, (_, n) => register(n));
  const others = Array.from({ length: 50 }, () => api.send("GET /auth/tokens/me", { token }));

  expect(new Set((await Promise.all(others)).map((answer) => answer.status))).toEqual(new Set([200]));
  const answers = await Promise.all(registrations);
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201, 503]));
  const shed = answers.findIndex((answer) => answer.status === 503);
  expect((await register(shed)).status).toBe(201);
});
