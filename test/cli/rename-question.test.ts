import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { setup } from "postbox/testing";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { copyProject } from "./copy.ts";
import { postboxIn, withPorts } from "./postbox.ts";
import { inTerminal } from "./terminal.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

const question = "Is the column 'profile.confirmed' the renamed 'profile.verified'? [y/N]";

test("a column that could be renamed is asked about in a terminal, the answer holds, and nobody there refuses", async () => {
  await using stack = await setup();
  await using copy = await copyProject();
  const models = join(copy.root, "services/users/models.ts");
  const text = await readFile(models, "utf8");
  await writeFile(models, text.replace("verified: flag()", "confirmed: flag()"));
  const env = { ...process.env, ...environmentOf(withPorts(stack.config)) };
  const words = ["migrate", "make", "users", "Call it confirmed"];
  const launcher = join(copy.root, "cli/postbox.js");
  const answered = (answer: string) => inTerminal([launcher, ...words], { env, cwd: copy.root, question, answer });

  expect(await postboxIn(env, words, { program: launcher, cwd: copy.root })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Decide by --rename profile.verified:confirmed"),
  });
  const lost = "drops the column profile.verified: that data would be lost";
  for (const [refusal, told] of [
    ["no, not at all\r", lost],
    ["\r", lost],
    ["\u0004", "Aborted"],
  ] as const)
    expect(await answered(refusal)).toMatchObject({ code: 1, text: expect.stringContaining(told) });
  expect(await copy.changed()).toEqual([" M services/users/models.ts"]);
  expect(await answered("yes\r")).toMatchObject({ code: 0, text: expect.stringContaining("Wrote ") });

  const [made = ""] = (await copy.changed()).flatMap(
    (line) => /^\?\? (.*_call_it_confirmed\.ts)$/.exec(line)?.[1] ?? [],
  );
  const migration = await readFile(join(copy.root, made), "utf8");
  expect(migration).toContain('rename column "verified" to "confirmed"');
  expect(migration).not.toContain("drop column");
});
