import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { until } from "postbox/testing";
import { copyProject, type ProjectCopy } from "./copy.ts";

// A copy of the project is checked whole, and its tests run in it: minutes on a busy machine.
jest.setTimeout(600_000);

/** Where commands are refused; those that make something have a copy of their own. */
let untouched: ProjectCopy;
beforeAll(async () => {
  untouched = await copyProject();
});
afterAll(async () => untouched[Symbol.asyncDispose]());

test("what each command makes passes types, lint, generated files and its own tests, and the project's", async () => {
  await using copy = await copyProject();
  const make = async (...words: string[]) =>
    expect(await copy.run("cli/postbox.js", "new", ...words)).toMatchObject({ code: 0, stderr: "" });
  const passes = async (program: string, ...words: string[]) => {
    const { code, stdout, stderr } = await copy.run(program, ...words);
    expect(code === 0 ? "" : stdout + stderr).toBe("");
  };

  await make("service", "orders");
  await make("service", "stock");
  await make("service", "bills");
  await make("action", "orders", "place", "--rest", "POST /", "--access", "gen");
  await make("action", "orders", "cancel", "--rest", "DELETE /:order_id", "--access", "mgmt");
  await make("action", "stock", "show", "--rest", "GET /items", "--access", "public");
  const fields = ["--field", "item:string", "--field", "amount:integer", "--field", "due:time"];
  await make("event", "orders", "place.order", "--to", "stock, orders", ...fields, "--key", "item");
  await make("event", "orders", "cancel.order", "--to", "users");
  await make("handler", "bills", "orders.place.order");
  await make("handler", "bills", "auth.create.user");
  await make("model", "stock", "item", "--field", "name:string", "--field", "amount:integer", "--field", "due:time");
  await make("model", "stock", "shelf-mark", "--field", "taken:boolean");
  await make("model", "users", "nickname", "--field", "name:string");
  await make("job", "orders", "purge-drafts");
  await make("version", "orders");
  await make("action", "orders", "find-order");
  await make("version", "orders", "--latest");
  await make("version", "users");
  await passes("scripts/client.ts", "--check");
  await make("action", "emails", "show-sent");

  const made = (await copy.changed()).map((line) => line.slice(3)).filter((path) => path.endsWith(".ts"));
  await passes("node_modules/typescript/bin/tsc", "-p", ".");
  await passes("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", ...made);
  await passes("scripts/check-imports.ts");
  await passes("scripts/generate.ts", "--check");
  const client = (name: string) => readFile(join(copy.root, "clients", `${name}.ts`), "utf8");
  expect(await client("orders.v1")).not.toContain("findOrder");
  for (const version of [2, 3])
    expect(await client(`orders.v${version}`)).toContain(`send("GET", "/orders/v${version}/find-order"`);
  expect(await readFile(join(copy.root, "services/users/api/versions.ts"), "utf8")).toContain("latest: 1");
  expect(await readFile(join(copy.root, "services/orders/api/versions.ts"), "utf8")).toContain("latest: 3");
  const suites = [
    "test/orders",
    "test/stock",
    "test/bills",
    "test/users/(version-2|nickname)",
    "test/emails/show-sent",
  ];
  const project = ["compose", "service-tree", "production-image", "imports", "names-in-the-runtime", "secrets"];
  await passes(
    "node_modules/jest/bin/jest.js",
    "--silent",
    "--ci",
    ...suites,
    "test/contracts",
    "test/migrations/services",
    "test/gateway/(access|client)",
    ...project.map((name) => `test/project/${name}`),
  );

  await passes("cli/postbox.js", "events", "check");
  expect(await copy.run("cli/postbox.js", "events", "check", "--released")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("orders.place.order v1: is a draft"),
  });
  await passes("cli/postbox.js", "events", "freeze");
  await passes("cli/postbox.js", "migrate", "freeze");
  await passes("cli/postbox.js", "events", "check", "--released");
  await passes("node_modules/jest/bin/jest.js", "--silent", "--ci", "test/contracts", "test/migrations/services");
});

test.each([
  ["a service's name in capitals", ["service", "Orders"], "cannot be the name of a service"],
  ["a service's name that is taken", ["service", "users"], "services/users is there already"],
  ["a service's name that a folder of contracts has", ["service", "postbox"], "taken by Postbox itself"],
  ["a service's name that JavaScript keeps", ["service", "class"], "cannot be the name of a service"],
  ["a service's name that Postbox keeps", ["service", "ack"], "taken by Postbox itself"],
  ["a service's name that Postgres has no role of", ["service", "none"], "cannot be the name of a service"],
  ["an event with a dash", ["event", "auth", "add-friend", "--to", "users"], "such as 'add.friend'."],
  ["a job that every service has", ["job", "users", "retention"], "every service has a job of this one"],
  ["an event without a noun", ["event", "auth", "create", "--to", "users"], "cannot be the name of an event"],
  ["an event that there is", ["event", "auth", "create.user", "--to", "users"], "has 'create.user'"],
  [
    "an event to a service that receives none",
    ["event", "auth", "x.y", "--to", "gateway"],
    "is not a service that receives events",
  ],
  ["an action with a capital", ["action", "users", "findUser"], "with '-' between, such as 'find-user'."],
  ["an action that there is", ["action", "users", "find-users"], "find-users.ts is there already"],
  [
    "an action whose name its service file has for something else",
    ["action", "users", "versions"],
    "services/users/users.service.ts uses the name 'versions' for something else. Take another one.",
  ],
  [
    "an action whose name its own file needs",
    ["action", "users", "caller"],
    "services/users/api/v1/caller.ts uses the name 'caller' for something else.",
  ],
  ["a job called as the list of them", ["job", "users", "jobs"], "services/users/jobs.ts uses the name 'jobs'"],
  [
    "an event called as what defines it",
    ["event", "auth", "define.event", "--to", "users"],
    "libs/auth/events.ts has 'define.event' or a 'defineEvent' already",
  ],
  ["an action whose path makes no route", ["action", "users", "x", "--rest", "POST"], "such as 'POST /'."],
  ["a field of a type that there is not", ["model", "users", "x", "--field", "a:text"], "'a:text' is no field"],
  [
    "a key that is no text",
    ["event", "auth", "x.y", "--to", "users", "--field", "n:integer", "--key", "n"],
    "cannot be the key",
  ],
  [
    "a handler of an event that there is not",
    ["handler", "users", "auth.create.usr"],
    "Did you mean 'auth.create.user'?",
  ],
  ["a job with a space", ["job", "users", "tidy up"], "cannot be the name of a job"],
])("%s is refused, and nothing is written", async (_, words, message) => {
  const { code, stderr } = await untouched.run("cli/postbox.js", "new", ...words);

  expect(stderr).toContain(message);
  expect(code).not.toBe(0);
  expect(await untouched.changed()).toEqual([]);
});

test("a service that works its actions out is told, for its next version could only repeat what they were", async () => {
  await using copy = await copyProject();
  const file = join(copy.root, "services/users/users.service.ts");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("actions: {", "actions: { ...Object.fromEntries([]),"));

  const { code, stderr } = await copy.run("cli/postbox.js", "new", "version", "users");

  expect(stderr).toContain("services/users/users.service.ts works its actions out and does not list them");
  expect(code).toBe(1);
  expect(await copy.changed()).toEqual([" M services/users/users.service.ts"]);
});

test("a command waits for another one at work, whose fault then takes nothing of it away", async () => {
  await using copy = await copyProject();
  const client = join(copy.root, "scripts/client.ts");
  await writeFile(client, `${failingOnce}\n${await readFile(client, "utf8")}`);
  const [begun, go] = [join(copy.root, "begun"), join(copy.root, "go")];

  const first = copy.run("cli/postbox.js", "new", "action", "users", "first");
  await until(() => existsSync(begun), { deadlineMs: 60_000, what: "the first command is at work" });
  const second = spawn(process.execPath, [join(copy.root, "cli/postbox.js"), "new", "action", "users", "second"], {
    cwd: copy.root,
  });
  const ended = once(second, "exit");
  let said = "";
  second.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await until(() => said.includes("waiting for it") || second.exitCode !== null, {
    deadlineMs: 60_000,
    what: "the second waits",
  });
  await writeFile(go, "");

  expect(await first).toMatchObject({ code: 1, stderr: expect.stringContaining("no space left") });
  expect(await ended).toEqual([0, null]);
  const list = await readFile(join(copy.root, "services/users/users.service.ts"), "utf8");
  expect(list).toContain("./api/v1/second.ts");
  expect(list).not.toContain("./api/v1/first.ts");
});

/** Lines before a script that let its first run stand until a file 'go' is there, and then fail. */
const failingOnce = `
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
if (!existsSync("begun")) {
  writeFileSync("begun", "");
  while (existsSync("begun") && !existsSync("go")) await pause(20);
  throw new Error("no space left");
}`;

test("a fault half-way leaves everything as it was", async () => {
  await using copy = await copyProject();
  const generate = join(copy.root, "scripts/generate.ts");
  const text = await readFile(generate, "utf8");
  await writeFile(generate, `${text}\nthrow new Error("no space left");\n`);
  const before = await copy.changed();

  const { code, stderr } = await copy.run("cli/postbox.js", "new", "service", "orders");

  expect(stderr).toContain("no space left");
  expect(code).toBe(1);
  expect(await copy.changed()).toEqual(before);
});

test("a place that is not in the shape the command knows is told, and nothing is written", async () => {
  await using copy = await copyProject();
  const list = join(copy.root, "services/users/jobs.ts");
  await writeFile(list, "export const jobs = Object.freeze([]);\n");

  const { code, stderr } = await copy.run("cli/postbox.js", "new", "job", "users", "tidy-up");

  expect(stderr).toContain("services/users/jobs.ts is not in the shape that this command knows");
  expect(code).toBe(1);
  expect(await copy.changed()).toEqual([" M services/users/jobs.ts"]);
});
