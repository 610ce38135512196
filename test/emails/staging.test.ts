import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { configure } from "postbox";
import { setup, type TestStack } from "postbox/testing";

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

test("outside local, the worker of emails does not start without an SMTP server, nor without what links begin with", async () => {
  const given = { ...stack.config, SMTP_URL: "smtp://127.0.0.1:1", PUBLIC_URL: "https://postbox.example" };
  for (const missing of ["SMTP_URL", "PUBLIC_URL"] as const) {
    configure({ ...given, [missing]: undefined });
    await expect(stack.startServices(["emails.worker"])).rejects.toMatchObject({
      type: "configuration-invalid",
      message: expect.stringMatching(`^${missing} is not set`),
    });
  }
});
