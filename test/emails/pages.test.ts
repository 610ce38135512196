import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { MailCatcher } from "../../services/emails/mails/catcher.ts";
import { addressOf, password } from "../auth/api.ts";
import { type Identity, startIdentity } from "../auth/identity.ts";
import { publicName, startBrowser } from "../harness/browser.ts";
import { codeIn, linkIn, mailsTo } from "./mailbox.ts";

// A browser is unpacked and started first.
jest.setTimeout(180_000);

const catcher = new MailCatcher();
let identity: Identity;
let browser: Browser;
let gateway: string;
beforeAll(async () => {
  await catcher.start();
  [identity, browser] = await Promise.all([
    startIdentity({ SMTP_URL: catcher.url, REQUIRE_USER_VERIFICATION: "true" }),
    startBrowser(),
  ]);
  gateway = identity.services.gateway.replace("127.0.0.1", publicName);
});
afterAll(async () => {
  await browser?.close();
  await identity?.stop();
  await catcher.stop();
});

/** Opens a path in a browser of its own. Gathers what the console says of errors, as what the page's policy refuses. */
async function visit(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; errors: string[] }> {
  const page = await (await browser.newContext(options)).newPage();
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${gateway}${path}`);
  return { page, errors };
}

const heading = (page: Page) => page.getByRole("heading").textContent();

test.each([true, false])(
  "with scripts %s, the pages lead from the mail to a verified address and a new password",
  async (javaScriptEnabled) => {
    const { api } = identity;
    const name = `visitor${Number(javaScriptEnabled)}`;
    await api.register(name);
    const [mail] = await mailsTo(catcher, addressOf(name));
    if (!mail) throw new Error("No mail came.");
    const { page, errors } = await visit(linkIn(mail), { javaScriptEnabled });
    expect((await api.login(name)).status).toBe(403);
    // The style is the page's own, and allowed by its policy.
    if (javaScriptEnabled)
      expect(await page.evaluate(`getComputedStyle(document.querySelector("button")).cursor`)).toBe("pointer");
    await page.getByRole("button", { name: "Verify my address" }).click();
    expect(await heading(page)).toBe("Your address is verified.");
    await page.goto(`${gateway}${linkIn(mail)}`);
    expect(await heading(page)).toBe("Your address was verified already.");
    expect((await api.login(name)).status).toBe(200);
    expect(errors).toEqual([]);

    await api.send(`POST /auth/password/forgot?username_email=${name}`);
    const [second] = await mailsTo(catcher, addressOf(name), 2);
    if (!second) throw new Error("No mail came.");
    expect(linkIn(second)).toBe(`/auth/password/reset/${codeIn(second)}`);
    await page.goto(`${gateway}${linkIn(second)}`);
    const submit = async (given: string) => {
      await page.getByLabel("New password").fill(given);
      await page.getByRole("button", { name: "Set the password" }).click();
    };
    await submit("weak");
    expect(await page.getByRole("alert").first().textContent()).toMatch(/8/);
    await submit(password);
    expect(await page.getByRole("alert").textContent()).toContain("present password");
    await submit("Another#Password2");
    expect(await heading(page)).toBe("Your password is set");
    expect((await api.login(name, "Another#Password2")).status).toBe(200);
    await page.goto(`${gateway}${linkIn(second)}`);
    expect(await heading(page)).toBe("This link does not work any more");
  },
);

test("a link that does not work offers another, and a person never sees JSON", async () => {
  const { api } = identity;
  await api.register("late");
  await mailsTo(catcher, addressOf("late"));
  const { page } = await visit(`/auth/v1/verification/email/${"a".repeat(43)}`);
  expect(await heading(page)).toBe("This link does not work any more");
  await page.getByLabel("Email address").fill(addressOf("late"));
  await page.getByRole("button", { name: "Send the link" }).click();
  expect(await heading(page)).toBe("Look into your mailbox");
  await mailsTo(catcher, addressOf("late"), 2);
  // An error of any kind is a page too.
  const answer = await page.goto(`${gateway}/auth/verification/email?email=nobody`);
  expect([answer?.status(), await page.getByRole("alert").textContent()]).toEqual([
    422,
    expect.stringMatching(/email/),
  ]);
});
