import { expect, test } from "@jest/globals";
import { until } from "postbox/testing";
import { startIdentity } from "../auth/identity.ts";

test("in local, mail is caught and shown on a page whose link verifies the address", async () => {
  const identity = await startIdentity({ REQUIRE_USER_VERIFICATION: "true", PUBLIC_URL: "http://postbox.localhost" });
  try {
    const { api, services, settled } = identity;
    const page = async () => (await fetch(`${services.gateway}/emails/caught`)).text();
    expect(await page()).toContain("No mail yet");
    await api.register("ada");
    await settled();
    const html = await until(async () => {
      const shown = await page();
      return shown.includes("ada@example.com") && shown;
    });
    const [, link = ""] =
      /href="http:\/\/postbox\.localhost(\/auth\/verification\/email\/[\w-]+)"/.exec(String(html)) ?? [];
    expect((await api.send(`GET ${link}`)).status).toBe(200);
    expect((await api.login("ada")).status).toBe(200);
    expect((await api.send("GET /emails/caught")).body).toMatchObject([{ to: "ada@example.com" }]);
  } finally {
    await identity.stop();
  }
});

test("the page is HTML that runs no script and loads nothing", async () => {
  const identity = await startIdentity();
  try {
    const { headers } = await fetch(`${identity.services.gateway}/emails/caught`);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  } finally {
    await identity.stop();
  }
});
