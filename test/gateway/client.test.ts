import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { authV1 } from "../../clients/auth.v1.ts";
import { connect, Problem } from "../../clients/send.ts";
import { usersV1 } from "../../clients/users.v1.ts";

let stack: TestStack;
let gateway: string;

beforeAll(async () => {
  stack = await setup({ env: { REQUIRE_USER_VERIFICATION: "false", RATE_LIMIT_ENABLED: "false" } });
  const services = ["auth", "users", "emails"].flatMap((name) => [name, `${name}.worker`]);
  ({ gateway } = await stack.startServices(["gateway", ...services]));
});
afterAll(() => stack.stop());

test("a user registers, logs in, reads and renames itself by the typed clients", async () => {
  let token: string | undefined;
  const send = connect({ gateway, token: () => token });
  const [auth, users] = [authV1(send), usersV1(send)];
  const body = { username: "grace", email: "grace@example.com", password: "a-compiler-4-you" };
  const registered = await auth.register({ body });
  expect(registered).toMatchObject({ username: "grace", role: "user" });

  ({ access_token: token } = await auth.login({ body: { username: "grace", password: body.password } }));
  const me = await until(() => users.me().catch(() => undefined), { what: "the users service has the record" });
  expect(me.id).toBe(registered.id);
  const renamed = { body: { new_username: "hopper" }, idempotencyKey: "hopper-1" };
  expect(await users.changeUsername(renamed)).toEqual(await users.changeUsername(renamed));
  await until(async () => (await users.me()).username === "hopper");
});

test("a problem is thrown with its status, code and broken rules", async () => {
  const auth = authV1(connect({ gateway }));
  const refused = auth.register({ body: { username: "g", email: "none", password: "x" } });
  await expect(refused).rejects.toBeInstanceOf(Problem);
  await expect(refused).rejects.toMatchObject({ status: 422, code: "validation-failed" });
  const fields = await refused.catch((problem: Problem) => new Set(problem.errors.map(({ field }) => field)));
  expect(fields).toEqual(new Set(["body.username", "body.email", "body.password"]));
});

test("the generated clients are those of what the services declare now", async () => {
  // Where one differs the script ends with 1 and names it.
  const { stderr } = await promisify(execFile)(process.execPath, ["scripts/client.ts", "--check"]);
  expect(stderr).toBe("");
});
