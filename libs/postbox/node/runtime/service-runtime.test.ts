import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { configure } from "postbox";
import { freePort, setup, startProxy, until } from "postbox/testing";
import { readiness } from "../../telemetry/readiness.ts";
import { ServiceRuntime } from "./service-runtime.ts";

test("a process that starts while Postgres is away waits, says why it is not ready, and goes on when Postgres comes", async () => {
  await using stack = await setup();
  const { options } = stack.database("auth");
  const port = await freePort();
  configure({ ...stack.config, POSTGRES_PORT: port });
  const lines: string[] = [];
  const log = (level: string) => (message: unknown) => lines.push(`${level} ${message}`);
  const broker = new ServiceBroker({ logger: false });
  const runtime = new ServiceRuntime(broker, "auth", () => ({}));
  Object.assign(runtime.logger, { warn: log("warn"), info: log("info") });
  const opening = runtime.open();
  await until(async () => /ECONNREFUSED/.test(String((await readiness(broker)).checks["postgres:auth"])));
  await until(() => lines.length > 0);
  await using _server = await startProxy(options, { port });
  await opening;
  expect((await readiness(broker)).checks["postgres:auth"]).toBe("ok");
  expect(lines).toEqual([
    expect.stringMatching(/^warn .*cannot connect to Postgres.*ECONNREFUSED.*It is waited for\.$/),
    "info Postgres is there; the start goes on",
  ]);
  await runtime.close();
});

test("a process that waits for Postgres can be stopped, and one that Postgres refuses does not wait", async () => {
  await using stack = await setup();
  configure({ ...stack.config, POSTGRES_PORT: await freePort() });
  const broker = new ServiceBroker({ logger: false });
  const waiting = new ServiceRuntime(broker, "auth", () => ({}));
  const opening = waiting.open();
  opening.catch(() => undefined);
  await until(async () => (await readiness(broker)).checks["postgres:auth"] !== "ok");
  await waiting.close();
  await expect(opening).rejects.toThrow();

  configure({ ...stack.config, AUTH_DATABASE: "there_is_none" });
  const refused = new ServiceRuntime(broker, "auth", () => ({}));
  await expect(refused.open()).rejects.toThrow('database "there_is_none" does not exist');
  await refused.close();
});

test("a process that starts while the server has no connection to spare waits for one", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  const role = `limited_${randomBytes(4).toString("hex")}`;
  await auth.query({ text: `create role ${role} login password 'limited' connection limit 0` });
  await auth.query({ text: `grant all on all tables in schema public to ${role}` });
  await auth.query({ text: `grant all on all sequences in schema public to ${role}` });
  configure({ ...stack.config, POSTGRES_USER: role, POSTGRES_PASSWORD: "limited" });
  const broker = new ServiceBroker({ logger: false });
  const runtime = new ServiceRuntime(broker, "auth", () => ({}));
  const opening = runtime.open();
  await until(async () => /too many connections/.test(String((await readiness(broker)).checks["postgres:auth"])));
  await auth.query({ text: `alter role ${role} connection limit -1` });
  await opening;
  await runtime.close();
  await auth.query({ text: `drop owned by ${role}` });
  await auth.query({ text: `drop role ${role}` });
});
