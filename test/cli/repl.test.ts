import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import { setup, type TestStack, until } from "postbox/testing";
import { program } from "../../cli/program.ts";
import { completeLine } from "../../cli/repl/complete.ts";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { runFolder } from "../harness/run.ts";
import { launcher, withPorts } from "./postbox.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

// Each test starts a whole REPL, which takes seconds on a busy machine.
jest.setTimeout(180_000);

const dead = "01975a2e-0000-7000-8000-000000000001";

let stack: TestStack;
let broker: ServiceBroker;
let env: NodeJS.ProcessEnv;

// One for all tests: what they ask for changes nothing that another one reads.
beforeAll(async () => {
  stack = await setup();
  ({ broker } = await stack.startServices(["users"]));
  // The REPL keeps its history in the home of the user.
  env = { ...process.env, ...environmentOf(withPorts(stack.config)), HOME: await runFolder("repl") };
});

afterAll(() => stack.stop());

/** The node of the REPL, as the running services see it. */
const joined = () =>
  broker.registry
    .getNodeList({ onlyAvailable: true })
    .some((node) => String(Reflect.get(Object(node), "id")).startsWith("repl-"));

/** Opens the REPL, and shows the state of the terminal when the REPL has ended. */
async function openRepl(): Promise<Terminal> {
  const words = ["/bin/sh", "-c", '"$0" "$1" repl; echo "exit code $?"; stty -a', process.execPath, launcher];
  const terminal = openTerminal(words, { env });
  await terminal.shows("mol $ ");
  await until(joined, { what: "the REPL has joined the services" });
  return terminal;
}

/** Waits for the end of a REPL that somebody leaves: in good order, the terminal as before, its node gone. */
async function expectLeft(terminal: Terminal): Promise<void> {
  await terminal.ended();
  expect(terminal.text).toContain("exit code 0");
  const modes = terminal.text.split("exit code 0")[1]?.split(/[\s;]+/) ?? [];
  expect(modes).toEqual(expect.arrayContaining(["icanon", "echo", "isig"]));
  expect(terminal.raw.lastIndexOf("\u001b[?25l")).toBeLessThanOrEqual(terminal.raw.lastIndexOf("\u001b[?25h"));
  await until(() => !joined(), { what: "the node of the REPL is gone" });
}

test("the REPL joins the running services, calls their actions, and has the command line's operations", async () => {
  await stack.database("auth").query({
    text: `insert into event_outbox (id, event_type, version, target, data, payload_hash, status)
      values ('${dead}', 'auth.create.user', 1, 'users', '{}', 'x', 'dead')`,
  });
  using repl = await openRepl();
  const run = (line: string, answer: string) => repl.answer(`${line}\r`, answer);

  await run("dead list", dead);
  await run(`replay auth ${dead}`, "1 dead letter of auth sent again.");
  await run("dead lits", "Did you mean list?");
  await run("skip auth --evnt x", "Add --help to see what it takes.");
  await run("dead help skip", "postbox dead skip auth --target emails --key 42");
  await run("replay --help", "postbox dead replay auth --event auth.add.draft");
  await run("inbox list users", "No event of the inbox fits");
  await run("outbox list auth --status pending", dead);
  await run("jobs list users", "There are no jobs");
  await run("skip auth --target emails", "0 dead letters of auth let go.");
  await run("nodes", "repl-");
  await run("services", "users   │");
  await run("call v1.users.utils.version", "version: 'v1'");
  await run("call v1.users.listRoles", "'root'");
  await run("nonsense", "unknown command 'nonsense'");
  await run("call v1.users.nonsense", "Service 'v1.users.nonsense' is not found.");
  await run("outbox show auth 01975a2e-0000-7000-8000-00000000000f", "error:");
  await run("nodes", "repl-");
  await run("quit", "exit code 0");

  await expectLeft(repl);
});

test("Tab completes commands, verbs, services, flags, values and Moleculer's own, and the terminal goes on", async () => {
  using repl = await openRepl();
  const tab = async (typed: string, completed: string) => {
    await repl.answer(`${typed}\t`, completed);
    // Ctrl-U takes back what stands there.
    repl.type("\u0015");
  };

  await tab("outb", "outbox");
  await tab("dead li", "dead list");
  await tab("replay a", "replay auth");
  await tab("outbox list --st", "outbox list --status");
  await tab("outbox list --status dea", "outbox list --status dead");
  await tab("call v1.users.listR", "call v1.users.listRoles");
  await tab("nod", "nodes");
  // Several fit: both are shown.
  await tab("de\t", "destroy");
  await repl.answer("services\r", "users   │");
  repl.type("\u0004");

  await expectLeft(repl);
});

test.each([
  ["exit", "exit\r"],
  ["Ctrl-C twice", "\u0003\u0003"],
])("%s ends the REPL and gives the terminal back", async (_, keys) => {
  using repl = await openRepl();
  repl.type(keys);
  await expectLeft(repl);
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
