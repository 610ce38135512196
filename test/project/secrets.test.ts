import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readConfig } from "postbox";
import { setup, type TestStack } from "postbox/testing";
import { allVariables } from "../../libs/postbox/core/configuration/known-variables.ts";
import { redactedUrl } from "../../libs/postbox/core/network/redacted-url.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await setup();
});
afterAll(() => stack?.stop());

const strong = { TOKEN_SECRET: "a key for this test, of 32 bytes and more", POSTGRES_PASSWORD: "Tiger1" };

test.each([
  ["NATS_URL", "nats://postbox:changethis@nats:4222"],
  ["SMTP_URL", "smtps://postbox:changethis@mail.example"],
  ["NATS_PASSWORD", "changethis"],
  ["ROOT_USER_PASSWORD", "changethis#1"],
  ["TOKEN_SECRET_SECOND", "changethis and forty letters more, or so"],
])("outside local, %s with the placeholder in it is refused", (name, value) => {
  for (const ENVIRONMENT of ["staging", "production"])
    expect(() => readConfig({ ...strong, ENVIRONMENT, [name]: value })).toThrow(
      `The configuration has 1 fault:\n  - ${name} is left at 'changethis'; outside local it must be set.`,
    );
});

test("in local the known key of tokens is taken where this machine alone is listened to, and nowhere else", () => {
  for (const LISTEN_ADDRESS of ["", "127.0.0.1", "127.0.0.9", "::1"])
    expect(readConfig({ LISTEN_ADDRESS }).TOKEN_SECRET).toBe("changethis");
  for (const LISTEN_ADDRESS of ["0.0.0.0", "::", "10.1.2.3", "::2"])
    expect(() => readConfig({ LISTEN_ADDRESS })).toThrow(
      `TOKEN_SECRET is left at 'changethis'; with LISTEN_ADDRESS=${LISTEN_ADDRESS} it must be set.`,
    );
  expect(readConfig({ LISTEN_ADDRESS: "::", TOKEN_SECRET: "another" }).LISTEN_ADDRESS).toBe("::");
});

test.each([
  ["NATS_URL", "nat://postbox:Tiger1@nats:4222"],
  ["NATS_URL", "nats://postbox:Tiger1@nats:99999"],
  ["SMTP_URL", "smtp://postbox:Tiger1@mail example"],
])("a %s that cannot be read is not printed, for it may hold a password", (name, value) => {
  let told = "";
  try {
    readConfig({ [name]: value });
  } catch (error) {
    told = String(error);
  }
  expect(told).toContain(`${name} is (masked)`);
  expect(told).not.toContain("Tiger1");
});

test("a URL is printed without its password", () => {
  expect(redactedUrl("nats://postbox:Tiger1@nats:4222")).toBe("nats://nats:4222");
});

test("docs/secrets.md tells of every secret that the configuration or the containers ask for", () => {
  const page = readFileSync(join(projectRoot(), "docs/secrets.md"), "utf8");
  const ofContainers = readFileSync(join(projectRoot(), "deploy/compose.env.example"), "utf8").matchAll(/^(\w+)=/gm);
  const likes = serviceNames()
    .filter((name) => name !== "auth")
    .map((name) => name.toUpperCase());
  const secrets = [
    ...Object.entries(allVariables()).flatMap(([name, { secret }]) => (secret ? [name] : [])),
    ...[...ofContainers].map(([, name = ""]) => name).filter((name) => !likes.some((like) => name.startsWith(like))),
  ];
  expect(secrets).toContain("AUTH_NATS_PASSWORD");
  expect(secrets.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("Moleculer's runner warns of known secrets in local, as the start of the whole stack does", async () => {
  const known = await stack.spawnServices(["users"], { env: { TOKEN_SECRET: "changethis" } });
  expect(await known.output()).toMatch(/WARN.*TOKEN_SECRET left at the placeholder, which works in local only/);
  const own = await stack.spawnServices(["users"], { env: { TOKEN_SECRET: strong.TOKEN_SECRET } });
  expect(await own.output()).not.toContain("placeholder");
});
