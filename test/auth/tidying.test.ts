import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { forgetExpired } from "../../services/auth/sessions/forget-expired.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({ RATE_LIMIT_ENABLED: "true" }, ["auth", "gateway"]);
});
afterAll(() => identity?.stop());

const tables = [
  ["session", "expires_at"],
  ["access_token", "expires_at"],
  ["link", "expires_at"],
  ["known_client", "expires_at"],
  ["password_attempt", "ends_at"],
] as const;

test("what has expired is forgotten, and what has not is kept", async () => {
  const { api, auth } = identity;
  await api.register("ada");
  for (const guess of ["Wrong#Password1", undefined]) await api.login("ada", guess);
  const counts = async () => {
    const found: Record<string, number> = {};
    for (const [table] of tables) found[table] = (await auth.query({ text: `select from ${table}` })).rows.length;
    return found;
  };
  const before = await counts();
  expect(Object.values(before).every((count) => count > 0)).toBe(true);
  await forgetExpired(auth, new AbortController().signal);
  expect(await counts()).toEqual(before);

  for (const [table, end] of tables) await auth.query({ text: `update ${table} set ${end} = now() - interval '1 s'` });
  await auth.query({
    text: `insert into password_attempt (scope, attempts, ends_at)
      select 'old ' || n, 1, now() - interval '1 s' from generate_series(1, 2500) as n`,
  });
  await forgetExpired(auth, new AbortController().signal);
  expect(await counts()).toEqual({ session: 0, access_token: 0, link: 0, known_client: 0, password_attempt: 0 });
});
