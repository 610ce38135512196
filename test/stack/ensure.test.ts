import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, jest, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { currentRun } from "../harness/run.ts";
import { remove, startEnvironment } from "./started.ts";

// Each test starts a whole stack, which takes many seconds on a busy machine.
jest.setTimeout(180_000);

/** Three tools at the same instant, which processes of their own would be by chance alone. */
const tools = `
import { config, loadProject } from "postbox";
import { ensureStack } from "./libs/postbox/tools/stack/ensure.ts";
await loadProject();
await Promise.all(
  ["one", "another", "a third"].map(async (tool) => {
    const stack = await ensureStack({ config: config(), goal: "servers", report: () => undefined });
    await stack.stop();
    console.log(tool);
  }),
);
`;

test("of tools that find no stack at the same moment each gets one", async () => {
  const { host, port, user, password } = currentRun().postgres;
  const postgres = { POSTGRES_HOST: host, POSTGRES_PORT: `${port}`, POSTGRES_USER: user, POSTGRES_PASSWORD: password };
  const env = { ...(await startEnvironment()), ...postgres };
  try {
    const words = ["--input-type=module", "--eval", tools];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: projectRoot(), env });

    expect(stdout.trim().split("\n").sort()).toEqual(["a third", "another", "one"]);
  } finally {
    await remove(env.POSTBOX_HOME);
  }
});
