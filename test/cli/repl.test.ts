import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { expect, jest, test } from "@jest/globals";
import { setup, until } from "postbox/testing";
import { program } from "../../cli/program.ts";
import { completeLine } from "../../cli/repl/complete.ts";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { launcher, withPorts } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

test("the REPL joins the running services, calls their actions, and has the command line's operations", async () => {
  await using stack = await setup();
  const { broker } = await stack.startServices(["users"]);
  await stack.database("auth").query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status)
      values ('01975a2e-0000-7000-8000-000000000001', 'auth.create.user', 1, 'users', '{}', 'x', 'dead')`,
  });
  const env = { ...process.env, ...environmentOf(withPorts(stack.config)) };
  const repl = spawn(process.execPath, [launcher, "repl"], { env, stdio: "pipe" });
  await using _ = { [Symbol.asyncDispose]: async () => void repl.kill() };
  const ended = once(repl, "exit");
  let said = "";
  for (const stream of [repl.stdout, repl.stderr])
    stream.on("data", (chunk) => (said += stripVTControlCharacters(String(chunk))));
  const type = async (line: string, answer: string) => {
    repl.stdin.write(`${line}\n`);
    await until(() => said.includes(answer) || Promise.reject(new Error(said)), {
      what: `'${line}' is answered`,
    });
  };

  await until(() => said.includes("mol $"), { deadlineMs: 60_000, what: "the prompt is there" });
  await until(() => broker.registry.getNodeList({}).some(({ id }) => String(id).startsWith("repl-")));
  await type("dead list", "01975a2e-0000-7000-8000-000000000001");
  await type("replay auth 01975a2e-0000-7000-8000-000000000001", "1 dead letter of auth sent again.");
  await type("dead lits", "Did you mean list?");
  await type("skip auth --evnt x", "Add --help to see what it takes.");
  await type("dead help skip", "postbox dead skip auth --target emails --key 42");
  await type("replay --help", "postbox dead replay auth --event auth.add.draft");
  await type("inbox list users", "No event of the inbox fits");
  await type("outbox list auth --status pending", "01975a2e-0000-7000-8000-000000000001");
  await type("jobs list users", "There are no jobs");
  await type("skip auth --target emails", "0 dead letters of auth let go.");
  await type("call v1.users.utils.version", "version: 'v1'");
  await type("call v1.users.listRoles", "'root'");
  repl.stdin.write("quit\n");

  expect(await ended).toEqual([0, null]);
});

test.each([
  ["dead ", ["list", "replay", "skip"]],
  ["dead re", ["replay"]],
  ["replay a", ["auth"]],
  ["outbox list --st", ["--status"]],
  ["outbox list --status d", ["dead"]],
  ["inbox list --source u", ["users"]],
  ["outbox list a", ["auth", "all"]],
  ["replay auth a", []],
  ["jobs pause em", ["emails"]],
])("'%s' is completed", (line, expected) => {
  expect(completeLine(program(), line)?.[0]).toEqual(expected);
});

test("a line of Moleculer's own is left to Moleculer's completion", () => {
  expect(completeLine(program(), "call v1")).toBeUndefined();
});
