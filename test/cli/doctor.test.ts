import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import type { Config } from "postbox";
import { freePort, setup, until } from "postbox/testing";
import { connectNats } from "../../libs/postbox/nats/connection/connect.ts";
import { copyProject } from "./copy.ts";
import { postbox } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly found: string;
  readonly remedy?: string;
}

test("of an installation that runs, everything is well", async () => {
  await using stack = await setup();
  const { metrics } = await stack.startServices(["auth.worker", "users.worker", "emails.worker"]);
  await until(async () => (await fetch(`${metrics}/health/ready`)).ok);

  const { code, findings } = await doctor(stack.config);

  expect(findings.filter(({ state }) => state === "fault")).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      "node",
      "configuration",
      "postgres",
      "clock",
      "nats",
      "database auth",
      "stream users_stream",
    ]),
  );
  const nodes = findings.find(({ check }) => check === "nodes");
  expect(nodes).toMatchObject({
    state: "warning",
    found: expect.stringMatching(/not auth, auth\.scheduler, emails, /),
  });
  expect(code).toBe(0);
});

test("what is wrong with databases, streams and deliveries is named, and the exit code says so", async () => {
  await using stack = await setup();
  await stack.database("auth").query({ text: "update schema_migration set checksum = 'x' where name like '0001%'" });
  await stack.database("users").query({ text: "delete from schema_migration where name like '0004%'" });
  await stack.database("emails").query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status, error_message)
      values (gen_random_uuid(), 'emails.send.mail', 1, 'emails', '{}', 'x', 'dead', '550 No such mailbox')`,
  });
  await stack
    .database("emails")
    .query({ text: "insert into job (name, next_slot) values ('tidy', now()), ('pay', now())" });
  await stack.database("emails").query({
    text: `insert into job_run (id, job, slot, status, error_message)
      values (gen_random_uuid(), 'tidy', now() - interval '2 hours', 'failed', 'Error: mended since'),
        (gen_random_uuid(), 'tidy', now() - interval '1 hour', 'done', null),
        (gen_random_uuid(), 'pay', now() - interval '1 hour', 'failed', E'Error: no money\n    at pay (jobs.ts:1:1)'),
        (gen_random_uuid(), 'pay', now(), 'running', null)`,
  });
  await stack.database("users").query({
    text: `insert into event_inbox (id, source, event_type, version, payload_hash, data, status, attempts, error_message)
      values (gen_random_uuid(), 'auth', 'auth.create.user', 1, 'x', '{}', 'failed', 3, 'The disk is full')`,
  });

  const { code, findings } = await doctor(stack.config);

  const of = (check: string) => findings.find((one) => one.check === check);
  expect(of("database auth")).toMatchObject({ state: "fault", found: expect.stringContaining("0001_messaging") });
  expect(of("database users")).toMatchObject({
    state: "fault",
    found: expect.stringContaining("not applied yet: 0004"),
  });
  expect(of("delivery emails")).toMatchObject({
    state: "warning",
    found: "1 dead letters, the latest emails.send.mail: 550 No such mailbox",
  });
  expect(of("delivery users")).toMatchObject({
    state: "warning",
    found: "1 events fail and are tried again, the latest auth.create.user: The disk is full",
  });
  expect(of("jobs emails")).toMatchObject({
    state: "warning",
    found: "the latest run has failed of pay; pay: Error: no money",
    remedy: expect.stringContaining("postbox jobs runs emails pay"),
  });
  expect(of("nodes")).toMatchObject({ state: "ok", found: "no services run" });
  expect(of("stream auth_stream")).toMatchObject({ state: "warning", found: "there is no such stream" });
  expect(code).toBe(1);
});

test("keys that wait for an event which has not come for minutes are named with it, and others are not", async () => {
  await using stack = await setup();
  const users = stack.database("users");
  // One that was lost; one on its way; one behind a dead letter; one that was skipped before its turn.
  await users.query({
    text: `insert into inbox_mailbox (source, key, last_sequence)
      values ('auth', 'lost', 2), ('auth', 'young', 2), ('auth', 'blocked', 2), ('emails', 'skipped', 2)`,
  });
  await users.query({
    text: `insert into event_inbox (id, source, event_type, version, key, sequence, payload_hash, data, status, received_at)
      select gen_random_uuid(), source, 'auth.create.user', 1, key, sequence, 'x', '{}', status, now() - age::interval
      from (values
        ('auth', 'lost', 4, 'parked', '12 minutes 30 seconds'), ('auth', 'lost', 5, 'parked', '20 minutes'),
        ('auth', 'young', 4, 'parked', '1 minute'),
        ('auth', 'blocked', 3, 'dead', '1 hour'), ('auth', 'blocked', 4, 'parked', '1 hour'),
        ('emails', 'skipped', 4, 'skipped', '1 hour')) as row (source, key, sequence, status, age)`,
  });

  const { findings } = await doctor(stack.config);

  const of = (check: string) => findings.find((one) => one.check === check);
  expect(of("keys users")).toEqual({
    check: "keys users",
    state: "warning",
    found:
      '1 key waits for events that do not come; the first is number 3 of key "lost" from auth, awaited for 12 minutes',
    remedy: expect.stringContaining("postbox outbox resend auth --target users --since"),
  });
  expect(of("keys auth")).toMatchObject({ state: "ok" });
});

test("servers that are away and variables that are wrong are faults, not a crash", async () => {
  await using stack = await setup();
  const away = await doctor({ ...stack.config, POSTGRES_PORT: 1, NATS_URL: "nats://127.0.0.1:1" });
  const wrong = await doctor({ ...stack.config, DATABASE_POOL_SIZE: 0 });

  expect(away.findings.filter(({ state }) => state === "fault").map(({ check }) => check)).toEqual([
    "postgres",
    "nats",
  ]);
  expect(away.code).toBe(1);
  expect(wrong.findings.at(-1)).toMatchObject({
    check: "configuration",
    state: "fault",
    found: expect.stringContaining("DATABASE_POOL_SIZE"),
  });
  expect(wrong.code).toBe(1);
});

test("a NATS that takes connections and says nothing is a fault, and doctor ends", async () => {
  await using stack = await setup();
  const mute = createServer();
  mute.listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;

  const { code, findings } = await doctor({ ...stack.config, NATS_URL: `nats://127.0.0.1:${port}` });
  mute.close();

  expect(findings.at(-1)).toMatchObject({
    check: "nats",
    state: "fault",
    found: `nats://127.0.0.1:${port} cannot be reached (TIMEOUT)`,
  });
  expect(code).toBe(1);
});

test("a consumer that was deleted and services that are not ready are named", async () => {
  await using stack = await setup();
  const { metrics, stop } = await stack.startServices(["users.worker"]);
  await until(async () => (await fetch(`${metrics}/health/ready`)).ok, patient);
  const running = { ...stack.config, METRICS_PORT: Number(new URL(metrics).port) };
  const of = (findings: readonly Finding[], check: string) => findings.find((one) => one.check === check);

  expect(of((await doctor(running)).findings, "services")).toMatchObject({ state: "ok" });
  await stop();
  const nats = await connectNats(stack.config, "doctor-test");
  await (await nats.jetstreamManager()).consumers.delete("users_stream", "mailbox");
  await nats.close();
  const { findings } = await doctor(stack.config);

  expect(of(findings, "stream users_stream")).toMatchObject({ state: "fault", found: "its consumer is missing" });
  expect(of(findings, "ports")).toMatchObject({ state: "ok", found: expect.stringContaining("no services run here") });
});

test("a port that another program has is a fault", async () => {
  await using stack = await setup();
  const other = createServer();
  other.listen(0);
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;

  const { code, findings } = await doctor({ ...stack.config, PORT: port });
  other.close();

  expect(findings.find(({ check }) => check === "ports")).toMatchObject({
    state: "fault",
    found: expect.stringContaining(`${port} is taken`),
    remedy: "End it, or set PORT to another port.",
  });
  expect(code).toBe(1);
});

test("what was changed in a database by hand is named, and no database is made that was missing", async () => {
  await using stack = await setup();
  await stack.database("users").query({ text: "alter table profile add column nickname text" });

  const { code, findings } = await doctor({ ...stack.config, AUTH_DATABASE: "nowhere" });
  const left = await postbox(["dead", "list", "auth"], { ...stack.config, AUTH_DATABASE: "nowhere" });

  const of = (check: string) => findings.find((one) => one.check === check);
  expect(of("database users")).toMatchObject({
    state: "warning",
    found: "changed by hand: + column profile.nickname text",
  });
  expect(of("database auth")).toMatchObject({ state: "fault", found: expect.stringContaining("not applied yet") });
  expect(code).toBe(1);
  expect(left.stderr).toContain('database "nowhere" does not exist. Run postbox migrate up');
});

test("a variable of .env that nothing reads is told with the one that was meant, by doctor and by start", async () => {
  await using copy = await copyProject();
  const away = [
    "POSTGRES_HOST=127.0.0.1",
    "POSTGRES_PORT=1",
    "NATS_URL=nats://127.0.0.1:1",
    "PORT=1",
    "METRICS_PORT=2",
  ];
  await writeFile(join(copy.root, ".env"), [...away, "POSTGRES_PASWORD=x", "SOMEBODY_ELSES=y", ""].join("\n"));

  const doctor = await copy.run("cli/postbox.js", "doctor", "--json");
  const start = await copy.run("scripts/start.ts");

  const findings: Finding[] = JSON.parse(doctor.stdout);
  expect(findings.filter(({ check }) => check === ".env")).toEqual([
    {
      check: ".env",
      state: "warning",
      found: "it sets POSTGRES_PASWORD, which nothing reads",
      remedy: "Did you mean POSTGRES_PASSWORD? Rename it.",
    },
  ]);
  expect(start.stdout).toContain("POSTGRES_PASWORD, which nothing reads. Did you mean POSTGRES_PASSWORD?");
  expect(start.stdout).not.toContain("SOMEBODY_ELSES");
});

const patient = { deadlineMs: 60_000 };

/** On ports of its own: others of this machine are none of the test's business. */
async function doctor(config: Config): Promise<{ code: number; findings: Finding[] }> {
  const [PORT, METRICS_PORT] = [config.PORT || (await freePort()), config.METRICS_PORT || (await freePort())];
  const { code, stdout } = await postbox(["doctor", "--json"], { ...config, PORT, METRICS_PORT });
  return { code, findings: JSON.parse(stdout) };
}
