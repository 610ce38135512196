import { afterAll, beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { callAsService, type revocationsResult, signAccessToken } from "postbox";
import { until } from "postbox/testing";
import type { Static } from "typebox";
import { setDisabled } from "../../libs/auth/actions.ts";
import { revocations } from "../../libs/auth/revocations.ts";
import { revokeAccessTokens } from "../../services/auth/sessions/end-sessions.ts";
import { Api, password } from "./api.ts";
import { type Identity, type Person, startIdentity } from "./identity.ts";

let identity: Identity;
/** A second instance, in a process of its own. */
let other: Api;
let root: Person;
beforeAll(async () => {
  identity = await startIdentity();
  const spawned = await identity.stack.spawnServices(["users", "gateway"]);
  other = new Api(spawned.gateway);
  await identity.settled();
  root = await identity.root();
});
afterAll(() => identity?.stop());

test.each<[string, (person: Person) => Promise<unknown>]>([
  [
    "a user who is shut out",
    ({ id }) => callAsService(identity.services.broker, "users", setDisabled, { user_id: id, disabled: true }),
  ],
  [
    "a changed role",
    ({ id }) =>
      identity.api.send(`PATCH /users/management/users/${id}/role`, { token: root.token, json: { new_role: "admin" } }),
  ],
  [
    "a changed password",
    ({ token }) =>
      identity.api.send("PATCH /users/me/password", {
        token,
        json: { current_password: password, new_password: "Another#Password2" },
      }),
  ],
  ["a logout", ({ token }) => identity.api.send("POST /auth/logout", { token })],
  [
    "a logout everywhere, from another session",
    async ({ username }) => {
      const { body } = await identity.api.login(username);
      return identity.api.send("POST /auth/logout?everywhere=true", { token: String(body.access_token) });
    },
  ],
  [
    "a replayed refresh token",
    async ({ cookie }) => {
      const { cookie: successor } = await identity.api.refresh(cookie);
      // Once its successor was used, no grace is left.
      await identity.api.refresh(successor ?? "");
      return identity.api.refresh(cookie);
    },
  ],
])("%s ends the access tokens that are out, on every instance, in 5 s", async (what, end) => {
  const person = await identity.person(what.replace(/\W+/g, "-").slice(0, 22).replace(/-$/, ""));
  const statusAt = async (api: Api) => (await api.send("GET /users/me", person)).status;
  for (const api of [identity.api, other]) expect(await statusAt(api)).toBe(200);
  await end(person);
  for (const api of [identity.api, other])
    await until(async () => (await statusAt(api)) === 401, { deadlineMs: 5_000, what: "the token is refused" });
});

test("a revocation that commits long after it was marked is told in the next answer", async () => {
  const { auth, services, api } = identity;
  const person = await identity.person("slow-commit");
  const ask = (since?: string) => callAsService(services.broker, "test", revocations, { ...(since && { since }) });
  const { begun, as_of } = await auth.transaction(async (tx) => {
    await revokeAccessTokens(tx, person.id);
    const { rows } = await tx.query<{ begun: Date }>({ text: "select now() as begun" });
    await api.login("nobody");
    return { begun: rows[0]?.begun.getTime() ?? Number.NaN, as_of: (await ask()).as_of };
  });
  expect(Date.parse(as_of)).toBeLessThanOrEqual(begun);
  const { revoked } = await ask(as_of);
  expect(revoked.map(({ jti }) => jti)).toContain(Object(jwt.decode(person.token)).jti);
});

test("a new process takes no token that was revoked before its start", async () => {
  const { stack, api } = identity;
  const [gone, kept] = [await identity.person("long-gone"), await identity.person("still-here")];
  await api.send("POST /auth/logout?everywhere=true", gone);
  const { gateway } = await stack.startServices(["users", "gateway"]);
  const fresh = new Api(gateway);
  const statuses = await Promise.all(
    [gone, kept].map(async (person) => (await fresh.send("GET /users/me", person)).status),
  );
  expect(statuses).toEqual([401, 200]);
});

test("20,000 revocations are told in pages that the broker carries, and a new process knows the last of them", async () => {
  const { auth, services, stack } = identity;
  const { id } = await identity.person("much-revoked");
  // The greatest of all ids, so that it stands on the last page.
  const last = "ffffffff-ffff-7fff-bfff-ffffffffffff";
  await auth.query({
    text: `insert into access_token (jti, account_id, session_id, expires_at, revoked_at)
      select case when n = 1 then $2 else gen_random_uuid() end, $1, gen_random_uuid(), now() + interval '10 minutes', now()
      from generate_series(1, 20000) as n`,
    values: [id, last],
  });
  const told = new Set<string>();
  let after: string | undefined;
  do {
    const page: Static<typeof revocationsResult> = await callAsService(services.broker, "test", revocations, {
      ...(after && { after }),
    });
    expect(page.revoked.length).toBeLessThanOrEqual(5_000);
    for (const { jti } of page.revoked) told.add(jti);
    after = page.next;
  } while (after !== undefined);
  expect(told.size).toBeGreaterThanOrEqual(20_000);

  const { gateway } = await stack.startServices(["users", "gateway"]);
  const { token } = signAccessToken({ user_id: id, role: "user", verified: false }, last);
  expect(await new Api(gateway).send("GET /users/me", { token })).toMatchObject({
    status: 401,
    body: { detail: expect.stringContaining("revoked") },
  });
});
