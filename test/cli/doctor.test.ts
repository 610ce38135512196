import { expect, jest, test } from "@jest/globals";
import type { Config } from "../../libs/config/read.ts";
import { setup, until } from "../harness/index.ts";
import { postbox } from "./postbox.ts";

// Each command line is a process of its own, and the machine may be busy with other suites.
jest.setTimeout(120_000);

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly found: string;
}

test("of an installation that runs, everything is well", async () => {
  await using stack = await setup();
  const { metrics } = await stack.startServices(["auth.worker", "users.worker", "emails.worker"]);
  await until(async () => (await fetch(`${metrics}/health/ready`)).ok, { deadlineMs: 60_000 });

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
  expect(code).toBe(0);
});

test("what is wrong with databases, streams and deliveries is named, and the exit code says so", async () => {
  await using stack = await setup();
  await stack.database("auth").query({ text: "update schema_migration set checksum = 'x' where name like '0001%'" });
  await stack.database("users").query({ text: "delete from schema_migration where name like '0004%'" });
  await stack.database("emails").query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status)
      values (gen_random_uuid(), 'emails.send.mail', 1, 'emails', '{}', 'x', 'dead')`,
  });

  const { code, findings } = await doctor(stack.config);

  const of = (check: string) => findings.find((one) => one.check === check);
  expect(of("database auth")).toMatchObject({ state: "fault", found: expect.stringContaining("0001_messaging") });
  expect(of("database users")).toMatchObject({
    state: "fault",
    found: expect.stringContaining("not applied yet: 0004"),
  });
  expect(of("delivery emails")).toMatchObject({ state: "warning", found: "1 dead letters" });
  expect(of("stream auth_stream")).toMatchObject({ state: "warning", found: "there is no such stream" });
  expect(code).toBe(1);
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

async function doctor(config: Config): Promise<{ code: number; findings: Finding[] }> {
  const { code, stdout } = await postbox(["doctor", "--json"], config);
  return { code, findings: JSON.parse(stdout) };
}
