import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import pg from "pg";
import { until } from "postbox/testing";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import type { ProcessRecord } from "../../libs/postbox/tools/stack/process/child.ts";
import { isAlive } from "../../libs/postbox/tools/stack/process/identity.ts";
import { runningStack, type StackAddresses } from "../../libs/postbox/tools/stack/stack-file.ts";
import { remove, type Started, start, startAndWait, startEnvironment } from "./started.ts";

// Each test starts a whole stack, which takes many seconds on a busy machine.
jest.setTimeout(180_000);

let env: Awaited<ReturnType<typeof startEnvironment>>;
let supervisors: Started[];

beforeEach(async () => {
  env = await startEnvironment();
  supervisors = [];
});

afterEach(async () => {
  for (const supervisor of supervisors) supervisor.kill("SIGKILL");
  await Promise.all(supervisors.map(({ ended }) => ended));
  await remove(env.POSTBOX_HOME);
});

async function running(): Promise<Started> {
  const supervisor = await startAndWait(env);
  supervisors.push(supervisor);
  return supervisor;
}

async function addresses(): Promise<StackAddresses> {
  return JSON.parse(await readFile(join(env.POSTBOX_HOME, "stack.json"), "utf8"));
}

async function records(): Promise<ProcessRecord[]> {
  const folder = join(env.POSTBOX_HOME, "processes");
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))));
}

async function inDatabase(service: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: (await addresses()).postgres[service] });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test("a start writes where everything is, a second one says so, and SIGTERM leaves nothing running", async () => {
  const supervisor = await running();
  const { gateway, metrics, nats, postgres, pid } = await addresses();
  expect({ gateway, metrics, pid }).toEqual({
    gateway: `http://127.0.0.1:${env.PORT}`,
    metrics: `http://127.0.0.1:${env.METRICS_PORT}`,
    pid: supervisor.pid,
  });
  expect(nats).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  expect(Object.keys(postgres)).toEqual(serviceNames());
  expect((await fetch(`${metrics}/health/ready`)).status).toBe(200);
  expect((await fetch(`${gateway}/auth/utils/health`)).status).toBe(200);

  const second = start({ ...env, PORT: "1", METRICS_PORT: "2" });
  expect(await second.ended).toBe(1);
  expect(second.output).toContain(`is running in ${env.POSTBOX_HOME} already, as process ${supervisor.pid}`);

  const children = await records();
  expect(children.map(({ name }) => name).sort()).toEqual(["nats", "postgres", "services"]);
  supervisor.kill("SIGTERM");
  expect(await supervisor.ended).toBe(0);
  expect(await Promise.all(children.map(isAlive))).toEqual([false, false, false]);
  expect(await runningStack(env.POSTBOX_HOME)).toBeUndefined();
  await expect(addresses()).rejects.toThrow("ENOENT");
});

test("the request of the README is answered as the README says", async () => {
  await running();
  const { gateway } = await addresses();
  const readme = await readFile(join(projectRoot(), "README.md"), "utf8");
  const [, path = "", body = "", answer = ""] =
    /curl -X POST http:\/\/localhost:3000(\S+)[\s\S]*?-d '([^']+)'[\s\S]*?```json\n(.+)\n/.exec(readme) ?? [];
  const headers = { "content-type": "application/json" };
  const response = await fetch(gateway + path, { method: "POST", headers, body });
  const varying = { id: expect.stringMatching(/^[0-9a-f-]{36}$/), created_at: expect.stringMatching(/Z$/) };
  expect(await response.json()).toEqual({ ...JSON.parse(answer), ...varying });
  const profiles = async () => (await inDatabase("users", "select username from profile")).length === 1;
  await until(profiles, { what: "the user has arrived at users" });
});

test("after SIGKILL of the supervisor alone, the next start ends the orphans, finds the data and has the same addresses", async () => {
  const supervisor = await running();
  const before = await addresses();
  await inDatabase("auth", "create table kept (word text)");
  await inDatabase("auth", "insert into kept values ('here')");
  const orphans = await records();
  supervisor.kill("SIGKILL");
  await supervisor.ended;
  const next = await running();
  expect(next.output).toContain("ended what a killed run had left behind");
  expect(await Promise.all(orphans.map(isAlive))).toEqual([false, false, false]);
  expect(await inDatabase("auth", "select word from kept")).toEqual([{ word: "here" }]);
  expect(await addresses()).toEqual({ ...before, pid: next.pid });
});

test("after SIGKILL of the whole tree, the next start finds the data", async () => {
  const supervisor = await running();
  await inDatabase("auth", "create table kept (word text)");
  const children = await records();
  for (const { pid } of [{ pid: supervisor.pid }, ...children]) process.kill(pid, "SIGKILL");
  await until(async () => !(await Promise.all(children.map(isAlive))).includes(true));
  await running();
  expect(await inDatabase("auth", "select word from kept")).toEqual([]);
});

test("SIGINT in the middle of a start leaves nothing running", async () => {
  const supervisor = start(env);
  supervisors.push(supervisor);
  await until(() => supervisor.output.includes("starting the services"), { deadlineMs: 60_000 });
  supervisor.kill("SIGINT");
  expect(await supervisor.ended).toBe(0);
  expect(await records()).toEqual([]);
});

test("when Postgres ends by itself, the supervisor says so, stops the rest and fails", async () => {
  const supervisor = await running();
  const children = await records();
  const postgres = children.find(({ name }) => name === "postgres");
  process.kill(postgres?.pid ?? 0, "SIGKILL");
  expect(await supervisor.ended).toBe(1);
  expect(supervisor.output).toContain("postgres: signal SIGKILL");
  expect(await Promise.all(children.map(isAlive))).toEqual([false, false, false]);
});
