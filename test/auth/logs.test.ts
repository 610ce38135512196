import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { currentRun } from "../harness/run.ts";
import { Api, password } from "./api.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await setup();
});
afterAll(() => stack?.stop());

test("at level debug, each step of an event is logged with its id, at both ends", async () => {
  const parts = ["auth", "auth.worker", "users.worker", "emails.worker", "gateway"];
  const services = await stack.spawnServices(parts, { env: { LOG_LEVEL: "debug" } });
  expect(await new Api(services.gateway).register("grace")).toMatchObject({ status: 201 });
  const { rows } = await stack.database("auth").query<{ id: string; correlation: string }>({
    text: `select id, headers->>'correlation_id' as correlation from event_outbox
      where event_type = 'auth.create.user' and target = 'users'`,
  });
  const [{ id, correlation } = { id: "", correlation: "" }] = rows;
  const steps = await until(
    async () => {
      const lines = (await services.output()).split("\n").filter((line) => line.includes(`Event ${id} `));
      return lines.some((line) => line.includes("was acknowledged")) ? lines : undefined;
    },
    { what: "the acknowledgement is logged" },
  );
  await services.stop();
  expect(steps.map((line) => line.slice(line.indexOf(id) + id.length + 1)).toSorted()).toEqual([
    "has arrived: auth.create.user from auth.",
    "was acknowledged by users: processed.",
    `was enqueued: auth.create.user to users, correlation ${correlation}.`,
    "was handled.",
    "was published.",
  ]);
});

test("a row that a constraint refuses is in no log, neither the gateway's nor Postgres': it holds the hash of a password", async () => {
  const auth = stack.database("auth");
  await auth.query({ text: "alter table account add constraint unwelcome check (username <> 'mallory')" });
  const services = await stack.spawnServices(["auth", "gateway"], { env: { LOG_LEVEL: "trace" } });
  const { status, body } = await new Api(services.gateway).register("mallory");
  expect([status, body.code]).toEqual([500, "internal-error"]);

  const told = await until(
    async () => {
      const output = await services.output();
      return output.includes("constraint: unwelcome") && output;
    },
    { what: "the refusal is logged" },
  );
  expect(told).toMatch(
    new RegExp(`Request ${body.request_id} failed \\(v1.auth.register\\).+violates check constraint "unwelcome"`),
  );
  expect(told).toMatch(/^ +constraint: unwelcome$/m);
  const server = await readFile(join(currentRun().home, "logs/postgres.log"), "utf8");
  expect(server).toContain('violates check constraint "unwelcome"');
  for (const log of [told, server]) {
    expect(log).not.toContain("Failing row");
    expect(log).not.toContain("$argon2id$");
    expect(log).not.toContain(password);
  }
});

test("the token of a link, in the address of a page, is in no log", async () => {
  const services = await stack.spawnServices(["auth", "gateway"], { env: { LOG_LEVEL: "trace", ACCESS_LOG: "true" } });
  const token = "T0ken-of-a-link-".padEnd(43, "x");
  const accept = "text/html";
  for (const page of ["verification/email", "password/reset"]) {
    const address = `${services.gateway}/auth/${page}/${token}`;
    expect((await fetch(address, { headers: { accept } })).status).toBe(400);
    const body = new URLSearchParams({ new_password: password });
    expect((await fetch(address, { method: "POST", headers: { accept }, body })).status).toBe(400);
  }
  await services.stop();
  const told = await services.output();
  expect(told).toContain("/auth/password/reset/:token");
  expect(told).not.toContain(token);
});
