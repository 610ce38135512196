import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, jest, test } from "@jest/globals";
import { readConfig } from "postbox";
import { setup, until } from "postbox/testing";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { databaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { connect } from "../../libs/postbox/tools/migrations/database/connect.ts";
import { withMigrationLock } from "../../libs/postbox/tools/migrations/running/migration-lock.ts";
import { writeStackFile } from "../../libs/postbox/tools/stack/stack-file.ts";
import { supervise } from "../../libs/postbox/tools/stack/supervise.ts";
import { remove, startEnvironment } from "../stack/started.ts";
import { launcher, postbox, postboxIn, withPorts } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

test("down, status, up and check tell what stands in the databases, to people and to scripts", async () => {
  await using stack = await setup();
  const migrate = (...words: string[]) => postbox(["migrate", ...words], stack.config);

  expect(await migrate("up")).toMatchObject({ code: 0, stdout: "Nothing to do: every database is up to date.\n" });
  expect(await migrate("down", "users")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Took back \d{4}_\w+ of users\.$/m),
  });
  const behind = await migrate("status", "users", "--json");
  expect(JSON.parse(behind.stdout).at(-1)).toMatchObject({ service: "users", state: "pending" });
  expect(behind).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^1 of \d+ migrations are pending or changed\.$/m),
  });
  const up = await migrate("up");
  expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied users: \d{4}_\w+\.$/m) });
  expect(up.stderr).toMatch(/up \d{4}_\w+ \(1 of 1\)/);
  expect(await migrate("status")).toMatchObject({ code: 0 });
  expect(await migrate("check")).toMatchObject({ code: 0, stdout: "Models and migrations agree.\n" });
  expect(await migrate("make", "users", "Nothing", "new")).toMatchObject({
    code: 0,
    stdout: "Nothing to do: the models and the migrations of users agree.\n",
  });
});

test("a service whose migrations are refused does not cut off those of another", async () => {
  await using stack = await setup();
  await postbox(["migrate", "down", "users"], stack.config);
  await stack.database("gateway").query({ text: "update schema_migration set checksum = 'another'" });
  const holder = await connect(databaseOptions(stack.config, "users"));
  const env = { ...process.env, ...environmentOf(withPorts(stack.config)) };
  let said = "";

  const { ended } = await withMigrationLock(holder, { info: () => undefined, warn: () => undefined }, async () => {
    const command = spawn(process.execPath, [launcher, "migrate", "up"], { env });
    for (const stream of [command.stdout, command.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    const closed = once(command, "close");
    await until(() => said.includes("another process is migrating"), {
      deadlineMs: 60_000,
      what: "the migration of users waits",
    });
    return { ended: closed };
  });
  await holder.end();

  expect(await ended).toEqual([1, null]);
  expect(said).toMatch(/^Applied users: \d{4}_\w+\.$/m);
  expect(said).toContain("was changed after it was applied");
});

test("where nothing runs, up and down do what they say to the databases as they were left", async () => {
  const env = await startEnvironment();
  const migrate = (...words: string[]) => postboxIn({ ...process.env, ...env }, ["migrate", ...words]);
  try {
    expect(await migrate("up", "users")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Applied users: 0001_messaging, /),
    });
    for (const left of [1, 2]) {
      expect(await migrate("down", "users")).toMatchObject({ code: 0, stdout: expect.stringContaining("Took back") });
      expect(await migrate("status", "users")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${left} of `),
      });
    }
  } finally {
    await remove(env.POSTBOX_HOME);
  }
});

test("a server that the configuration names goes before that of the stack that runs", async () => {
  const env = await startEnvironment();
  const stack = await supervise({ config: readConfig(env), goal: "databases", report: () => undefined });
  await writeStackFile(env.POSTBOX_HOME, stack.addresses);
  try {
    const given = { ...process.env, ...env };
    expect(await postboxIn(given, ["migrate", "up"])).toMatchObject({ code: 0 });
    expect(
      await postboxIn({ ...given, POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: "1" }, ["migrate", "up"]),
    ).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot connect to Postgres at 127.0.0.1:1") });
  } finally {
    await stack.stop();
    await remove(env.POSTBOX_HOME);
  }
});

test("a message or a rename that cannot be is refused before any database is looked at", async () => {
  expect(await postbox(["migrate", "make", "users", "x", "--rename", "a.b:c.d"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'a.b:c.d' is not a rename"),
  });
});
