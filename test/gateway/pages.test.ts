import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { signAccessToken } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { publicName, startBrowser } from "../harness/browser.ts";
import { shop } from "./fixtures.ts";

// A browser is unpacked and started first.
jest.setTimeout(180_000);

let stack: TestStack;
let browser: Browser;
let gateway: string;

beforeAll(async () => {
  stack = await setup();
  const [started, launched] = await Promise.all([stack.startServices(["gateway", "auth", shop]), startBrowser()]);
  browser = launched;
  // Not by an address: some of what pages load is left out for those.
  gateway = started.gateway.replace("127.0.0.1", publicName);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** A page that is open, and all that it did beside what is seen. */
interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the console says of errors, among them what the content security policy refuses. */
  readonly errors: string[];
  /** Addresses that were asked for. */
  readonly asked: URL[];
}

async function open(path: string): Promise<Opened> {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const [errors, asked]: [string[], URL[]] = [[], []];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => asked.push(new URL(request.url())));
  await page.goto(`${gateway}${path}`);
  return { page, errors, asked, [Symbol.asyncDispose]: () => page.close() };
}

type Document = { paths: Record<string, Record<string, { summary: string }>> };
async function summaries(path: string): Promise<string[]> {
  const { paths } = (await (
    await fetch(`http://127.0.0.1:${new URL(gateway).port}${path}/openapi.json`)
  ).json()) as Document;
  return Object.values(paths).flatMap((methods) => Object.values(methods).map(({ summary }) => summary));
}

test.each(["/auth", "/auth/v1"].flatMap((base) => [`${base}/docs`, `${base}/redoc`].map((path) => [base, path])))(
  "of %s the page %s shows every operation, with nothing refused and nothing from elsewhere",
  async (base, path) => {
    await using opened = await open(path);
    const { page, errors, asked } = opened;
    const told = await summaries(base);
    expect(told.length).toBeGreaterThan(10);
    for (const summary of told) await page.getByText(summary, { exact: true }).first().waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    expect(errors).toEqual([]);
    const elsewhere = asked.filter(({ origin, protocol }) => origin !== gateway && !/^(data|blob):$/.test(protocol));
    expect(elsewhere).toEqual([]);
  },
);

/** Opens an operation of Swagger UI and sends what it offers to send. */
async function tryOut(page: Page, path: string): Promise<{ readonly status: string; readonly body: string }> {
  const operation = page.locator(".opblock").filter({ has: page.locator(`[data-path="${path}"]`) });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table .response").first();
  return {
    status: (await answer.locator(".response-col_status").textContent())?.trim() ?? "",
    body: (await answer.locator(".highlight-code").first().textContent()) ?? "",
  };
}

test("a request tried out on the page reaches the gateway, with the example as its body", async () => {
  await using opened = await open("/auth/docs");
  const { status, body } = await tryOut(opened.page, "/auth/register");
  expect(status).toBe("201");
  expect(body).toContain('"role": "user"');
  expect(opened.errors).toEqual([]);
});

test("a request tried out bears the token that was given to the page", async () => {
  await using opened = await open("/shop/v1/docs");
  const { page } = opened;
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".modal-ux");
  await dialog.locator("input").fill(signAccessToken({ user_id: "u7", role: "user", verified: true }).token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  const { status, body } = await tryOut(page, "/shop/v1/mine");
  expect(status).toBe("200");
  expect(body).toContain('"user_id": "u7"');
});
