import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { until } from "postbox/testing";
import { connect } from "../../libs/postbox/tools/migrations/database/connect.ts";
import { withMigrationLock } from "../../libs/postbox/tools/migrations/running/migration-lock.ts";
import { isAlive, type ProcessIdentity } from "../../libs/postbox/tools/stack/process/identity.ts";
import { migrationProject } from "../migrations/project.ts";
import { remove, startEnvironment } from "../stack/started.ts";
import { launcher } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a command that %s ends before it is done leaves no server running", async (signal, code) => {
  await using project = await migrationProject();
  const { host, port, user, password, database } = project.target;
  const holder = await connect(project.target);
  // The database is the test's, the NATS server is the command's.
  const env = {
    ...(await startEnvironment()),
    POSTGRES_HOST: host,
    POSTGRES_PORT: `${port}`,
    POSTGRES_USER: user,
    POSTGRES_PASSWORD: password,
    USERS_DATABASE: database,
  };
  await withMigrationLock(holder, { info: () => undefined, warn: () => undefined }, async () => {
    const command = spawn(process.execPath, [launcher, "migrate", "up", "users"], { env });
    const ended = once(command, "close");
    let told = "";
    command.stderr.on("data", (chunk) => {
      told += chunk;
    });
    try {
      await until(() => told.includes("another process is migrating"), {
        deadlineMs: 60_000,
        what: "the command waits for the lock",
      });
      const servers = await serversOf(env.POSTBOX_HOME);
      expect(servers).toHaveLength(1);

      command.kill(signal);

      expect(await ended).toEqual([code, null]);
      expect(told).toContain(`${signal}: stopped before it was done.`);
      expect(await Promise.all(servers.map(isAlive))).toEqual([false]);
    } finally {
      command.kill("SIGKILL");
      await remove(env.POSTBOX_HOME);
    }
  });
  await holder.end();
});

/** The servers that run in a home, as its supervisor wrote them down. */
async function serversOf(home: string): Promise<ProcessIdentity[]> {
  const folder = join(home, "processes");
  return Promise.all(
    (await readdir(folder)).map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))),
  );
}
