import { afterAll, beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { signAccessToken } from "postbox";
import { until } from "postbox/testing";
import { revokeAccessTokens } from "../../services/auth/sessions/end-sessions.ts";
import { Api } from "./api.ts";
import { type Identity, startIdentity } from "./identity.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity({}, ["users", "users.worker", "emails", "emails.worker", "gateway"]);
});
afterAll(() => identity?.stop());

/** Starts an instance of auth in a process of its own. */
async function spawnAuth() {
  const spawned = await identity.stack.spawnServices(["auth", "auth.worker"]);
  await until(async () => (await identity.api.send("GET /auth/utils/health")).status === 200);
  return spawned;
}

test("while auth cannot be asked, a new process takes only tokens that are younger than itself", async () => {
  const { api, person, stack } = identity;
  const auth = await spawnAuth();
  const [gone, kept] = [await person("long-gone"), await person("still-here")];
  await api.send("POST /auth/logout?everywhere=true", gone);
  await auth.stop();
  // A token says the second in which it was made.
  const { iat } = Object(jwt.decode(kept.token));
  await until(() => Date.now() >= (iat + 1) * 1_000);
  const { gateway } = await stack.startServices(["users", "gateway"]);
  const fresh = new Api(gateway);
  for (const one of [gone, kept])
    expect(await fresh.send("GET /users/me", one)).toMatchObject({
      status: 503,
      body: { code: "service-unavailable" },
    });
  const { token } = signAccessToken({ user_id: kept.id, role: "user", verified: false });
  expect((await fresh.send("GET /users/me", { token })).status).toBe(200);

  await spawnAuth();
  await until(async () => (await fresh.send("GET /users/me", kept)).status === 200);
  expect((await fresh.send("GET /users/me", gone)).status).toBe(401);
});

test("revoked tokens end in 5 s while one of two instances of auth is frozen", async () => {
  const { api, auth, person } = identity;
  const people = [await person("one"), await person("two")];
  const frozen = await spawnAuth();
  frozen.signal("SIGSTOP");
  try {
    for (const one of people) {
      expect((await api.send("GET /users/me", one)).status).toBe(200);
      await revokeAccessTokens(auth, one.id);
      await until(async () => (await api.send("GET /users/me", one)).status === 401, {
        deadlineMs: 5_000,
        what: "the token is refused",
      });
    }
  } finally {
    frozen.signal("SIGCONT");
  }
});
