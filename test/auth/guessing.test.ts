import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type Answer, addressOf, password, untilTaken } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

// Ten thousand requests.
jest.setTimeout(180_000);

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({ RATE_LIMIT_ENABLED: "true", TRUSTED_PROXIES: "127.0.0.1" }, ["auth", "gateway"]);
});
afterAll(() => identity?.stop());

const wrong = "Wrong#Password1";
const from = (n: number) => ({ address: `198.51.100.${n}` });

/** Tries a password as often as said, twenty at a time, and counts the answers by status. */
async function guess(tries: number, one: (n: number) => Promise<Answer>): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (let n = 0; n < tries; n += 20)
    for (const { status } of await Promise.all(Array.from({ length: 20 }, (_, k) => untilTaken(() => one(n + k)))))
      statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
}

test("of 10,000 guesses from 100 addresses at one account, by name and by address, 50 reach the hash", async () => {
  const { api } = identity;
  await api.send("POST /auth/register", {
    json: { username: "target", email: addressOf("target"), password },
    ...from(250),
  });
  const statuses = await guess(10_000, (n) => api.login(n % 2 ? "target" : addressOf("target"), wrong, from(n % 100)));
  expect(statuses).toEqual({ "401": 50, "429": 9_950 });
});

test("of guesses from one address at one account, ten reach the hash, and another address is not shut out", async () => {
  const { api } = identity;
  await api.send("POST /auth/register", {
    json: { username: "victim", email: addressOf("victim"), password },
    ...from(250),
  });
  expect(await guess(20, () => api.login("victim", wrong, from(101)))).toEqual({ "401": 10, "429": 10 });
  const refused = await api.login("victim", password, from(101));
  expect(refused).toMatchObject({ status: 429, body: { code: "too-many-attempts" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(600);
  expect((await api.login("victim", password, from(102))).status).toBe(200);
});

test("guesses at an account that is not there are limited in the same way", async () => {
  const { api } = identity;
  expect(await guess(20, () => api.login("nobody", wrong, from(103)))).toEqual({ "401": 10, "429": 10 });
});

test("guesses from all over an IPv6 network of 64 bits are those of one client, and shut nobody else out", async () => {
  const { api, auth } = identity;
  await api.send("POST /auth/register", {
    json: { username: "sixth", email: addressOf("sixth"), password },
    ...from(251),
  });
  const within = (n: number) => ({ address: `2001:db8:1:2::${(n + 1).toString(16)}` });
  expect(await guess(20, (n) => api.login("sixth", wrong, within(n)))).toEqual({ "401": 10, "429": 10 });
  await guess(20, (n) => api.login(`sprayed${n}`, wrong, within(100 + n)));
  const { rows } = await auth.query({
    text: "select attempts from password_attempt where scope = 'client 2001:db8:1:2'",
  });
  expect(rows).toEqual([{ attempts: 30 }]);
  expect((await api.login("sixth", password, from(106))).status).toBe(200);
});

test("the limits do not tell which address belongs to which name", async () => {
  const { api } = identity;
  for (const [username, email] of [
    ["pen-name", "john.doe@example.com"],
    ["bystander", "jane@example.com"],
  ])
    await api.send("POST /auth/register", { json: { username, email, password }, ...from(251) });
  const after = async (tries: number, name: string, address: string, n: number) => {
    await guess(tries, (k) => api.login(name, wrong, from(n + (tries > 20 ? k % 10 : 0))));
    return (await api.login(address, wrong, from(n))).status;
  };
  expect(await after(20, "pen-name", "john.doe@example.com", 110)).toBe(401);
  expect(await after(20, "pen-name", "jane@example.com", 111)).toBe(401);
  expect(await after(20, "no-such-name", "nobody@example.com", 112)).toBe(401);
  expect(await after(100, "pen-name", "john.doe@example.com", 120)).toBe(401);
});

test("of guesses from one address at many accounts, as many reach the hash as its limit of requests lets through", async () => {
  const { api } = identity;
  const statuses = await guess(200, (n) => api.login(`user${n}`, wrong, from(104)));
  expect(statuses["401"]).toBeLessThanOrEqual(100);
  expect(statuses["429"]).toBeGreaterThanOrEqual(100);
});

test("right passwords do not count, and the window passes", async () => {
  const { api, auth } = identity;
  await api.send("POST /auth/register", {
    json: { username: "regular", email: addressOf("regular"), password },
    ...from(250),
  });
  for (let login = 0; login < 15; login += 1)
    expect((await api.login("regular", password, from(105))).status).toBe(200);
  await guess(20, () => api.login("regular", wrong, from(105)));
  expect((await api.login("regular", password, from(105))).status).toBe(429);
  await auth.query({ text: "update password_attempt set ends_at = now()" });
  expect((await api.login("regular", password, from(105))).status).toBe(200);
});
