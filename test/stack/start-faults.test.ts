import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { freePort } from "postbox/testing";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { startNats } from "../../libs/postbox/tools/stack/nats/nats.ts";
import { currentRun } from "../harness/run.ts";
import { remove, start, startEnvironment } from "./started.ts";

// Each test starts a whole stack, which takes many seconds on a busy machine.
jest.setTimeout(180_000);

let env: Awaited<ReturnType<typeof startEnvironment>>;

beforeEach(async () => {
  env = await startEnvironment();
});

afterEach(() => remove(env.POSTBOX_HOME));

async function failedStart(variables: NodeJS.ProcessEnv): Promise<string> {
  const started = start({ ...env, ...variables });
  expect(await started.ended).toBe(1);
  return started.output;
}

test("a bad configuration lists every fault, masks secrets and touches nothing", async () => {
  const output = await failedStart({
    PORT: "http",
    ENVIRONMENT: "staging",
    TOKEN_SECRET: "short",
    AUTH_DATABASE: "A B",
  });
  expect(output).toContain("The configuration has 4 faults");
  expect(output).toContain('PORT is "http"; expected a port, 1 to 65535.');
  expect(output).toContain("AUTH_DATABASE is");
  expect(output).toContain("TOKEN_SECRET has 5 bytes");
  expect(output).toContain("POSTGRES_PASSWORD is left at 'changethis'");
  expect(output).not.toContain('"short"');
  expect(existsSync(env.POSTBOX_HOME)).toBe(false);
});

test.each(["PORT", "METRICS_PORT"])("a taken port is named together with %s", async (variable) => {
  const taken = await listening(Number(env[variable]));
  try {
    expect(await failedStart({})).toContain(
      `Port ${env[variable]} is taken. Free it, or set ${variable} to another port.`,
    );
  } finally {
    taken.close();
  }
});

test("a Postgres that does not answer is named together with the variables that say where it is", async () => {
  const port = await freePort();
  const output = await failedStart({ POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: `${port}` });
  expect(output).toContain(`Postgres at 127.0.0.1:${port}`);
  expect(output).toContain("unset POSTGRES_HOST");
});

test("a NATS that does not answer is named together with the variable that says where it is", async () => {
  const port = await freePort();
  const output = await failedStart({ NATS_URL: `nats://127.0.0.1:${port}` });
  expect(output).toContain(`NATS at 127.0.0.1:${port} cannot be reached`);
  expect(output).toContain("unset NATS_URL");
});

test("a NATS that speaks no TLS is refused where the configuration says tls", async () => {
  const { home, natsBinary: binary } = currentRun();
  const nats = await startNats({ home, binary, name: "plain" });
  try {
    expect(await failedStart({ NATS_URL: nats.url.replace("nats:", "tls:") })).toContain("cannot be reached (tls)");
  } finally {
    await nats.process.stop();
  }
});

test("a NATS_SERVER_BIN that cannot be run is named", async () => {
  const output = await failedStart({ NATS_SERVER_BIN: "/nowhere/nats-server" });
  expect(output).toContain('NATS_SERVER_BIN is "/nowhere/nats-server", which cannot be run.');
});

test("the tests refuse to run in production before they touch anything", () => {
  const script = join(projectRoot(), "scripts/test.sh");
  const run = spawnSync("bash", [script], { env: { ...env, ENVIRONMENT: "production" }, encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stderr).toBe('ENVIRONMENT is "production"; tests run in local and staging only. Nothing was touched.\n');
  expect(run.stdout).toBe("");
});

function listening(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(port, () => resolve(server));
  });
}
