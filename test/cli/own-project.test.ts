import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { signAccessToken } from "postbox";
import { until } from "postbox/testing";
import { v7 as uuidv7 } from "uuid";
import { importsOf } from "../../scripts/imports.ts";
import { remove, startAndWait, startEnvironment } from "../stack/started.ts";
import { copyProject, type ProjectCopy } from "./copy.ts";
import { postboxIn } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

const reference = ["auth", "users", "emails"];

test("a project with a service of its own in place of the reference services passes its checks, migrates and serves", async () => {
  await using copy = await copyProject();
  const passes = async (program: string, ...words: string[]) => {
    const { code, stdout, stderr } = await copy.run(program, ...words);
    expect(code === 0 ? "" : stdout + stderr).toBe("");
  };
  await removeReferenceServices(copy);

  await passes("cli/postbox.js", "new", "service", "orders");
  await passes("cli/postbox.js", "new", "action", "orders", "list-orders");
  await passes("cli/postbox.js", "new", "event", "orders", "place.order", "--to", "orders");

  await passes("node_modules/typescript/bin/tsc", "-p", ".");
  await passes("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", ".");
  await passes("scripts/check-imports.ts");
  await passes("scripts/generate.ts", "--check");
  const suites = ["test/orders", "test/contracts", "test/project/compose", "test/project/service-tree"];
  await passes("node_modules/jest/bin/jest.js", "--silent", "--ci", ...suites);

  const env = await startEnvironment();
  const program = join(copy.root, "cli/postbox.js");
  try {
    expect(await postboxIn(env, ["migrate", "up"], { program, cwd: copy.root })).toMatchObject({ code: 0 });
    const supervisor = await startAndWait(env, copy.root);
    const { token } = signAccessToken({ user_id: uuidv7(), role: "user", verified: true });
    const ask = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${env.PORT}/orders/list-orders`, { headers });
    await until(async () => (await ask({})).status === 401, { deadlineMs: 60_000, what: "the service answers" });
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200);
    supervisor.kill("SIGTERM");
    expect(await supervisor.ended).toBe(0);
  } finally {
    await remove(env.POSTBOX_HOME);
  }
});

/** Removes the reference services, and the tests and benchmarks that are written with them. */
async function removeReferenceServices({ root }: ProjectCopy): Promise<void> {
  const folders = ["services", "libs", "migrations", "test"].flatMap((folder) =>
    reference.map((service) => `${folder}/${service}`),
  );
  const filesOf = async (folder: string) =>
    (await readdir(join(root, folder)))
      .filter((name) => reference.some((service) => name.startsWith(`${service}.`)))
      .map((name) => `${folder}/${name}`);
  const gone = [...folders, ...(await filesOf("clients")), ...(await filesOf("test/contracts"))];
  const users = importsOf(["test/**/*.ts", "bench/**/*.ts"])
    .filter(({ target }) => gone.some((path) => target === path || target.startsWith(`${path}/`)))
    .map(({ file }) => file);
  for (const path of new Set([...gone, ...users])) await rm(join(root, path), { recursive: true, force: true });
}
