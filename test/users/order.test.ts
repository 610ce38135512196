import { expect, test } from "@jest/globals";
import { startIdentity } from "../auth/identity.ts";

test("what changed while the users worker was stopped arrives in order when it starts: the last name everywhere", async () => {
  const identity = await startIdentity({}, ["auth", "auth.worker", "users", "emails", "emails.worker", "gateway"]);
  try {
    const { api, stack, users, emails, settled, root } = identity;
    await api.register("name0");
    const { body } = await api.login("name0");
    const token = String(body.access_token);
    for (const n of [1, 2, 3, 4, 5])
      expect((await api.send("PATCH /users/me/username", { token, json: { new_username: `name${n}` } })).status).toBe(
        200,
      );
    const { token: rootToken } = await root();
    const { rows } = await identity.auth.query<{ id: string }>({
      text: "select id from account where username = 'name5'",
    });
    const role = await api.send(`PATCH /users/management/users/${rows[0]?.id}/role`, {
      token: rootToken,
      json: { new_role: "admin" },
    });
    expect(role.status).toBe(200);
    expect((await users.query({ text: "select from profile" })).rows).toHaveLength(0);

    await stack.startServices(["users.worker"]);
    await settled();
    expect((await users.query({ text: "select username, role from profile where username <> 'root'" })).rows).toEqual([
      { username: "name5", role: "admin" },
    ]);
    expect((await emails.query({ text: "select username from recipient where username <> 'root'" })).rows).toEqual([
      { username: "name5" },
    ]);
  } finally {
    await identity.stop();
  }
});
