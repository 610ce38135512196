import { expect, jest, test } from "@jest/globals";
import { setup } from "../harness/index.ts";
import { postbox } from "./postbox.ts";

// Each command line is a process of its own, and the machine may be busy with other suites.
jest.setTimeout(120_000);

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
  expect(await migrate("make", "users", "Nothing new")).toMatchObject({
    code: 0,
    stdout: "Nothing to do: the models and the migrations of users agree.\n",
  });
});

test("a message or a rename that cannot be is refused before any database is looked at", async () => {
  expect(await postbox(["migrate", "make", "users", "x", "--rename", "a.b:c.d"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'a.b:c.d' is not a rename"),
  });
});
