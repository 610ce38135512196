import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { configure, readConfig } from "postbox";
import { linkHash } from "../../services/auth/links/mint-link.ts";
import { isKnownPassword } from "../../services/auth/passwords/known-passwords.ts";
import { addressOf, password, textOf } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity?.stop());

/** Runs something under the policy of NIST SP 800-63B. */
async function withNist(work: () => Promise<void>): Promise<void> {
  const { config } = identity.stack;
  configure(Object.assign({}, config, { PASSWORD_POLICY: "nist" }));
  try {
    await work();
  } finally {
    configure(config);
  }
}

/** What a registration with the password is answered: its status, or the broken rules. */
async function judged(username: string, given: string): Promise<unknown> {
  const { status, body } = await identity.api.register(username, { password: given });
  if (status !== 422) return status;
  return (body.errors as { field: string; rule: string }[]).map(({ field, rule }) => `${field} ${rule}`);
}

const phrase = "four plain words and blanks";

test("the policy `nist` takes blanks, any characters and 64 of them or more, asks for 15, and an account can log in by them", async () => {
  await withNist(async () => {
    const good = [
      phrase,
      `  ${phrase}  `,
      "a much longer phrase of sixty-four characters, and then even more of them",
      "🦊 ñandú Straße ключ",
    ];
    for (const [n, given] of good.entries()) {
      expect([given, await judged(`phrase${n}`, given)]).toEqual([given, 201]);
      expect((await identity.api.login(`phrase${n}`, given)).status).toBe(200);
      expect((await identity.api.login(`phrase${n}`, `${given} `)).status).toBe(401);
    }
    expect(await judged("short", "fourteen chars")).toEqual(["body.password minLength"]);
    expect(await judged("long", "much longer ".repeat(30))).toEqual(["body.password maxLength"]);
  });
  expect(await judged("described", phrase)).toEqual(["body.password pattern"]);
  expect(await judged("described", `Long#1 ${"x".repeat(40)}`)).toEqual([
    "body.password maxLength",
    "body.password pattern",
  ]);
});

test.each(["Password1!", "P@ssw0rd", "p@SSw0rd1!", "Qwerty-123", "Welcome#1", "Bad.Choice1", "aA1!aA1!aA1!"])(
  "'%s' keeps the rules, and is refused because attackers try it first",
  async (given) => {
    expect(await judged("bad.choice1", given)).toEqual(["body.password known-password"]);
  },
);

test.each([
  "passwordpassword",
  "qwerty123qwerty123",
  "aaaaaaaaaaaaaaaa",
  "P@ssw0rd P@ssw0rd",
  "bad-phrase@example.com",
])("'%s' is refused by the policy `nist` too", async (given) => {
  await withNist(async () => {
    expect(await judged("bad-phrase", given)).toEqual(["body.password known-password"]);
  });
});

test("what is long and common to nobody is no known password, whatever its signs", () => {
  for (const one of [
    password,
    "Root#Password1",
    phrase,
    "#$%&/()=?#1a",
    "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆",
    "Ünïcödé#42",
  ])
    expect([one, isKnownPassword(one, ["ada", "ada@example.com", "_"])]).toEqual([one, false]);
});

test("a change and a reset of the password keep the same policy", async () => {
  const { api, auth, person } = identity;
  const { token } = await person("changer");
  const bad = {
    status: 422,
    body: { errors: [expect.objectContaining({ field: "body.new_password", rule: "known-password" })] },
  };
  const change = (new_password: string) =>
    api.send("PATCH /users/me/password", { token, json: { current_password: password, new_password } });
  expect(await change("Password1!")).toMatchObject(bad);
  await auth.query({
    text: `insert into link (token_hash, account_id, purpose, expires_at)
      select $1, id, 'reset', now() + interval '1 hour' from account where username = 'changer'`,
    values: [linkHash("a-code")],
  });
  const reset = (new_password: string) =>
    api.send("POST /auth/password/reset", { json: { token: "a-code", new_password } });
  expect(await reset("P@ssw0rd!")).toMatchObject(bad);
  expect(await reset(phrase)).toMatchObject({ status: 422, body: { errors: [{ rule: "pattern" }] } });
  await withNist(async () => {
    expect((await reset(phrase)).status).toBe(200);
  });
  const login = await api.login("changer", phrase);
  expect(textOf(login.body, "token_type")).toBe("bearer");
  expect((await api.login(addressOf("changer"), phrase)).status).toBe(200);
});

test("the password of root keeps the policy in force", () => {
  const read = (ROOT_USER_PASSWORD: string, PASSWORD_POLICY: string) =>
    readConfig({ ROOT_USER_PASSWORD, PASSWORD_POLICY });
  expect(read(phrase, "nist")).toMatchObject({ ROOT_USER_PASSWORD: phrase });
  expect(() => read(phrase, "described")).toThrow("ROOT_USER_PASSWORD is (masked)");
  expect(() => read("Short#1234", "nist")).toThrow("ROOT_USER_PASSWORD is (masked)");
  expect(() => read(phrase, "other")).toThrow("PASSWORD_POLICY is");
});
