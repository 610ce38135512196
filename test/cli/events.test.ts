import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { copyProject } from "./copy.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

const events = "libs/auth/events.ts";
const versionTwo = "make it version 2 with an upcaster from 1.";

test("a change that breaks a released event is refused with what it breaks and what to do, one that does not passes", async () => {
  await using copy = await copyProject();
  const check = () => copy.run("cli/postbox.js", "events", "check");
  const text = await readFile(join(copy.root, events), "utf8");
  const changed = async (from: string, to: string) => {
    expect(text).toContain(from);
    await writeFile(join(copy.root, events), text.replace(from, to));
    return check();
  };
  const refused = (...faults: string[]) => ({ code: 1, stdout: `${faults.join("\n")}\n` });

  expect(await check()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^All \d+ events keep their contracts/),
  });
  expect(await changed("    sealed_token: Type.String(),\n", "")).toMatchObject(
    refused(`auth.send.link v1: sealed_token is gone; ${versionTwo}`),
  );
  expect(await changed("sealed_token: Type.String()", "sealed_token: Type.Integer()")).toMatchObject(
    refused(`auth.send.link v1: sealed_token 'type' was "string" and is "integer"; ${versionTwo}`),
  );
  expect(await changed("sealed_token:", "language: Type.String(),\n    sealed_token:")).toMatchObject(
    refused(`auth.send.link v1: language is new and required; ${versionTwo}`),
  );
  expect(await changed("purpose: linkPurpose,\n", 'purpose: Type.Enum(["reset"]),\n')).toMatchObject(
    refused(`auth.send.link v1: purpose no longer takes "verification"; ${versionTwo}`),
  );
  expect(await changed("  key: ({ user_id }) => user_id,\n", "")).toMatchObject(
    refused("auth.change.password v1: lost its key: the order of its events changes. Publish a new event."),
  );
  expect(await changed('targets: ["auth"]', 'targets: ["users"]')).toMatchObject(
    refused("auth.request.link v1: no longer reaches 'auth'; bring the target back."),
  );
  expect(await changed('name: "send.link"', 'name: "post.link"')).toMatchObject(
    refused(
      "auth.send.link v1: is not defined any more; stored events of it could not be handled. Bring its definition back.",
      "auth.post.link v1: is a draft; run `postbox events freeze` before its release, and commit its file.",
    ),
  );
  expect(await changed("sealed_token:", "language: Type.Optional(Type.String()),\n    sealed_token:")).toMatchObject({
    code: 0,
  });
  await rm(join(copy.root, "test/contracts/auth.send.link.v1.json"));
  expect(await changed("sealed_token:", "language: Type.String(),\n    sealed_token:")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("auth.send.link v1: is a draft"),
  });
});

test("a fault in the project's code is told with its place", async () => {
  await using copy = await copyProject();
  const text = await readFile(join(copy.root, events), "utf8");
  const lines = text.split("\n").length;

  for (const [fault, told] of [
    ["export const x = {", `error: ${events}:${lines}: `],
    ["export const x = y.z;", `error: ${events}:${lines}: y is not defined`],
  ] as const) {
    await writeFile(join(copy.root, events), `${text}${fault}\n`);
    expect(await copy.run("cli/postbox.js", "events", "list")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(told),
    });
  }
});
