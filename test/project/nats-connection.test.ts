import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { connect } from "nats";
import { setup, until } from "postbox/testing";
import { natsOptions } from "../../libs/postbox/nats/connection/connect.ts";
import { currentRun } from "../harness/run.ts";
import { selfSigned } from "./self-signed.ts";

/** Signs that mean something in a URL, in a configuration file, or in neither of the two. */
const user = "ada@postbox";
const password = `p@ss:w/rd?#[]&=%41+ ü'$x`;

const folder = join(currentRun().home, "nats-connection");
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const { certificate, key } = selfSigned();
  await Promise.all([
    writeFile(file("certificate.pem"), certificate),
    writeFile(file("key.pem"), key),
    writeFile(
      file("plain.conf"),
      `authorization { user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }\n`,
    ),
    writeFile(file("tls.conf"), `tls { cert_file: "${file("certificate.pem")}", key_file: "${file("key.pem")}" }\n`),
  ]);
});

const server = (name: string) => ({
  // A service that is not there yet is asked for again and again.
  env: { RATE_LIMIT_ENABLED: "false" },
  nats: { configuration: { path: file(name), env: {} } },
});
const encoded = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;

test.each([
  ["in variables of their own", (url: string) => ({ NATS_URL: url, NATS_USER: user, NATS_PASSWORD: password })],
  ["in the URL, encoded", (url: string) => ({ NATS_URL: url.replace("//", `//${encoded}@`) })],
])("a user and a password with every kind of sign connect, %s", async (_, variables) => {
  await using stack = await setup(server("plain.conf"));
  const env = variables(stack.nats.url);
  const [{ gateway }] = await Promise.all([
    stack.spawnServices(["gateway"], { env }),
    stack.spawnServices(["emails", "emails.worker"], { env }),
  ]);
  await until(async () => (await fetch(`${gateway}/emails/utils/health`)).ok, { what: "two nodes find each other" });
});

test("a wrong password is refused", async () => {
  await using stack = await setup(server("plain.conf"));
  const wrong = { ...stack.config, NATS_USER: user, NATS_PASSWORD: `${password}x` };
  await expect(connect({ ...natsOptions(wrong), reconnect: false })).rejects.toThrow("Authorization Violation");
});

test("with tls:// the services speak TLS, and only to a server whose certificate they can check", async () => {
  await using stack = await setup(server("tls.conf"));
  const env = { NATS_URL: stack.nats.url.replace(/^\w+:/, "tls:") };
  const trusting = { env: { ...env, NODE_EXTRA_CA_CERTS: file("certificate.pem") } };
  const [{ gateway }] = await Promise.all([
    stack.spawnServices(["gateway"], trusting),
    stack.spawnServices(["emails", "emails.worker"], trusting),
  ]);
  await until(async () => (await fetch(`${gateway}/emails/utils/health`)).ok, { what: "two nodes find each other" });

  const distrusting = natsOptions({ ...stack.config, ...env });
  await expect(connect({ ...distrusting, reconnect: false })).rejects.toThrow(/self-signed|unable to verify/);
});

test("with tls:// nothing is said to a server that speaks no TLS", async () => {
  await using stack = await setup();
  const options = natsOptions({ ...stack.config, NATS_URL: stack.nats.url.replace("nats:", "tls:") });
  await expect(connect({ ...options, reconnect: false })).rejects.toThrow("tls");
});
