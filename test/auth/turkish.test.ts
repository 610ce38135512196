import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack } from "postbox/testing";
import { Api, password } from "./api.ts";

let stack: TestStack;
let api: Api;

beforeAll(async () => {
  stack = await setup({
    env: { REQUIRE_USER_VERIFICATION: "false", ROOT_USER_PASSWORD: "Root#Password1" },
    locale: "tr-TR",
  });
  const services = ["auth", "auth.worker", "users", "users.worker", "emails", "emails.worker", "gateway"];
  api = new Api((await stack.startServices(services)).gateway);
});
afterAll(() => stack?.stop());

test("on databases of Turkish locale users register, log in, and are found in any case", async () => {
  const { rows } = await stack.database("auth").query({ text: "select lower('I') as lower" });
  expect(rows).toEqual([{ lower: "ı" }]);
  const answer = await api.register("IRIS", { email: "IRIS@EXAMPLE.COM" });
  expect(answer).toMatchObject({ status: 201, body: { username: "iris", email: "iris@example.com" } });
  for (const name of ["IRIS", "iris", "Iris@Example.com"]) expect((await api.login(name)).status).toBe(200);
  expect(await api.register("Iris", { email: "i@example.com" })).toMatchObject({ body: { code: "username-taken" } });
  expect(await api.register("other", { email: "Iris@example.com" })).toMatchObject({ body: { code: "email-taken" } });
  const { status, body } = await api.login("ROOT", "Root#Password1");
  expect(status).toBe(200);
  await stack.settle();
  const token = String(body.access_token);
  const found = await api.send("GET /users/management/users?username_email=IRIS", { token });
  expect(found).toMatchObject({ status: 200, body: { id: answer.body.id } });
  const renamed = {
    token: String((await api.login("iris", password)).body.access_token),
    json: { new_username: "INGRID" },
  };
  expect((await api.send("PATCH /users/me/username", renamed)).status).toBe(200);
  expect((await api.login("ingrid")).status).toBe(200);
});
