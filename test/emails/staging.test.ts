import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack } from "../harness/index.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await setup({ env: { ENVIRONMENT: "staging", TOKEN_SECRET: "a key for this test, of 32 bytes and more" } });
});
afterAll(() => stack?.stop());

test("outside local, caught mail is shown to nobody", async () => {
  const { gateway } = await stack.startServices(["emails", "gateway"]);
  expect((await fetch(`${gateway}/emails/utils/health`)).status).toBe(200);
  expect((await fetch(`${gateway}/emails/caught`)).status).toBe(404);
});

test("outside local, the worker of emails does not start without an SMTP server", async () => {
  await expect(stack.startServices(["emails.worker"])).rejects.toThrow("SMTP_URL is not set");
});
