import { afterAll, beforeAll, expect, test } from "@jest/globals";
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
