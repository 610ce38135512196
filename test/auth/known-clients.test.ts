import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { configure } from "postbox";
import { type Scope, strangerScopes } from "../../services/auth/attempts/scopes.ts";
import { linkHash } from "../../services/auth/links/mint-link.ts";
import { addressOf, password, textOf, untilTaken } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({ RATE_LIMIT_ENABLED: "true", TRUSTED_PROXIES: "127.0.0.1" });
});
afterAll(() => identity?.stop());

const wrong = "Wrong#Password1";
const newPassword = "Another#Password2";
let clients = 0;
/** An address that nothing came from before. */
const stranger = () => `198.51.${100 + Math.floor(clients / 250)}.${1 + (clients++ % 250)}`;

/** Registers a user who logs in from an address and a device, and logs out again. */
async function owner(username: string) {
  const { api } = identity;
  const address = stranger();
  await api.send("POST /auth/register", { json: { username, email: addressOf(username), password }, address });
  const { body, device = "" } = await untilTaken(() => api.login(username, password, { address }));
  await api.send("POST /auth/logout", { token: textOf(body, "access_token") });
  return { address, device };
}

/** As if strangers had used up all tries of these scopes. */
async function useUp(scopes: readonly Scope[]): Promise<void> {
  await identity.auth.query({
    text: `insert into password_attempt (scope, attempts, ends_at)
      select scope, attempts, now() + interval '10 minutes' from unnest($1::text[], $2::int[]) as used (scope, attempts)
      on conflict (scope) do update set attempts = excluded.attempts, ends_at = excluded.ends_at`,
    values: [scopes.map(({ scope }) => scope), scopes.map(({ limit }) => limit)],
  });
}

/** As if strangers from everywhere had tried wrong passwords by name and by address until none is checked any more. */
async function attack(username: string): Promise<void> {
  const names = [username, addressOf(username)];
  await useUp(names.map((name) => strangerScopes(name, undefined).name));
  for (const name of names)
    expect(await identity.api.login(name, password, { address: stranger() })).toMatchObject({ status: 429 });
}

/** A code to reset the password, as it would stand in the mail. */
async function resetCode(username: string): Promise<string> {
  const token = `${username}-code`;
  await identity.auth.query({
    text: `insert into link (token_hash, account_id, purpose, expires_at)
      select $1, id, 'reset', now() + interval '1 hour' from account where username = $2`,
    values: [linkHash(token), username],
  });
  return token;
}

test("wrong passwords of strangers do not stop the right one from an address or a device that has logged in before", async () => {
  const { api } = identity;
  const { address, device } = await owner("wanted");
  const names = ["wanted", addressOf("wanted")];
  for (let n = 0; n < 60; n += 1) await untilTaken(() => api.login(names[n % 2] ?? "", wrong, { address: stranger() }));
  expect((await api.login("wanted", password, { address: stranger() })).status).toBe(429);
  for (const name of names) {
    expect((await api.login(name, password, { address })).status).toBe(200);
    expect((await api.login(name, password, { address: stranger(), device })).status).toBe(200);
  }
});

test("a device is known by its cookie also where strangers have used up the tries of its address", async () => {
  const { api } = identity;
  const { address, device } = await owner("neighbour");
  const { client, pair } = strangerScopes("neighbour", address);
  await useUp([client, pair]);
  expect((await api.login("neighbour", password, { address })).status).toBe(429);
  expect((await api.login("neighbour", password, { address, device })).status).toBe(200);
});

test("a cookie that is forged, altered, or of another account gets nothing", async () => {
  const { api } = identity;
  const [{ device }, other] = [await owner("imitated"), await owner("imitator")];
  const [id, mark = ""] = device.split(".");
  const [otherId, otherMark] = other.device.split(".");
  await attack("imitated");
  const forged = [
    `${"a".repeat(22)}.${mark}`,
    `${id}.${"b".repeat(43)}`,
    `${id}.${otherMark}`,
    `${otherId}.${mark}`,
    `${id}.${mark.toLowerCase()}`,
    other.device,
    "",
    "nonsense",
  ];
  for (const one of forged)
    expect([one, (await api.login("imitated", password, { address: stranger(), device: one })).status]).toEqual([
      one,
      429,
    ]);
  expect((await api.login("imitated", password, { address: stranger(), device })).status).toBe(200);
});

test("a known device has ten tries of its own, and uses up nobody else's", async () => {
  const { api } = identity;
  const { address, device } = await owner("clumsy");
  const statuses: number[] = [];
  for (let n = 0; n < 12; n += 1) statuses.push((await api.login("clumsy", wrong, { address, device })).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  expect((await api.login("clumsy", password, { address, device })).status).toBe(429);
  expect((await api.login("clumsy", password, { address })).status).toBe(200);
});

test("a wrong password from a known address is answered as a stranger's, and ten of them are checked", async () => {
  const { api } = identity;
  const { address } = await owner("observed");
  await attack("observed");
  for (let n = 0; n < 10; n += 1)
    expect(await api.login("observed", wrong, { address })).toMatchObject({ status: 429 });
  expect((await api.login("observed", password, { address })).status).toBe(429);
});

test("one device is known to several users, and its marks of the last key are taken while the key is changed", async () => {
  const { api, stack } = identity;
  const [{ device }] = [await owner("first-user"), await owner("second-user")];
  const both = (await api.login("second-user", password, { address: stranger(), device })).device ?? "";
  const { TOKEN_SECRET: last } = stack.config;
  configure({ ...stack.config, TOKEN_SECRET: "another secret, of more than 32 bytes", TOKEN_SECRET_SECOND: last });
  try {
    for (const name of ["first-user", "second-user"]) {
      await attack(name);
      expect((await api.login(name, password, { address: stranger(), device: both })).status).toBe(200);
    }
  } finally {
    configure(stack.config);
  }
});

test("a reset of the password clears the counts, proves the address, and makes what knew the old password a stranger", async () => {
  const { api, users, settled } = identity;
  const { address: old, device } = await owner("forgetful");
  await settled();
  await attack("forgetful");
  const address = stranger();
  for (let n = 0; n < 10; n += 1) await api.login("forgetful", wrong, { address: old });
  const json = { token: await resetCode("forgetful"), new_password: newPassword };
  expect((await api.send("POST /auth/password/reset", { json, address })).status).toBe(200);
  for (const from of [stranger(), old])
    expect((await api.login("forgetful", newPassword, { address: from })).status).toBe(200);
  await settled();
  const { rows } = await users.query({ text: "select verified from profile where username = 'forgetful'" });
  expect(rows).toEqual([{ verified: true }]);

  await attack("forgetful");
  expect((await api.login("forgetful", newPassword, { address: stranger(), device })).status).toBe(429);
  expect((await api.login("forgetful", newPassword, { address })).status).toBe(200);
});

test("strangers do not stop a change of the password, which has ten tries of its own", async () => {
  const { api, settled } = identity;
  const { address } = await owner("careful");
  await settled();
  const { body } = await api.login("careful", password, { address });
  const token = textOf(body, "access_token");
  await attack("careful");
  const change = (current_password: string) =>
    api.send("PATCH /users/me/password", { token, address, json: { current_password, new_password: newPassword } });
  for (let n = 0; n < 9; n += 1) expect((await change(wrong)).status).toBe(400);
  expect((await change(password)).status).toBe(200);
  expect((await api.login("careful", newPassword, { address: stranger() })).status).toBe(200);
});
