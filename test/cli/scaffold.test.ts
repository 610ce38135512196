import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { copyProject } from "./copy.ts";

test("what each command makes passes types, lint, generated files and its own tests, and the project's", async () => {
  await using copy = await copyProject();
  const make = async (...words: string[]) =>
    expect(await copy.run("cli/postbox.js", "new", ...words)).toMatchObject({ code: 0, stderr: "" });
  const passes = async (program: string, ...words: string[]) => {
    const { code, stdout, stderr } = await copy.run(program, ...words);
    expect(code === 0 ? "" : stdout + stderr).toBe("");
  };

  await make("service", "orders");
  await make("action", "orders", "list-orders");
  await make("event", "orders", "place.order", "--to", "emails,orders");
  await make("event", "orders", "cancel.order", "--to", "users");
  await make("job", "orders", "purge-drafts");
  await make("version", "orders");
  await make("action", "orders", "find-order");
  await make("version", "orders");
  for (const service of ["auth", "users", "emails"]) await make("version", service);
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
  expect(await client("auth.v2")).toContain('send("POST", "/auth/v2/register"');
  const suites = [
    "test/orders",
    "test/auth/version-2",
    "test/users/version-2",
    "test/emails/version-2",
    "test/emails/show-sent",
    "test/contracts",
    "test/migrations/services",
  ];
  const project = ["test/project/compose", "test/project/service-tree", "test/project/production-image"];
  await passes("node_modules/jest/bin/jest.js", "--silent", "--ci=false", ...suites, ...project);
});

test.each([
  ["a service's name in capitals", ["service", "Orders"], "cannot be the name of a service"],
  ["a service's name that is taken", ["service", "users"], "services/users is there already"],
  ["a service's name that a library has", ["service", "events"], "libs/events is there already"],
  ["a service's name that JavaScript keeps", ["service", "class"], "cannot be the name of a service"],
  ["a service's name that Postbox keeps", ["service", "ack"], "taken by Postbox itself"],
  ["a service's name that Postgres has no role of", ["service", "none"], "cannot be the name of a service"],
  ["an event without a noun", ["event", "auth", "create", "--to", "users"], "cannot be the name of an event"],
  ["an event that there is", ["event", "auth", "create.user", "--to", "users"], "has 'create.user'"],
  [
    "an event to nobody that takes any",
    ["event", "auth", "x.y", "--to", "gateway"],
    "is not a service that takes events",
  ],
  ["an action with a capital", ["action", "users", "findUser"], "cannot be the name of an action"],
  ["an action that there is", ["action", "users", "find-users"], "find-users.ts is there already"],
  ["a job with a space", ["job", "users", "tidy up"], "cannot be the name of a job"],
])("%s is refused, and nothing is written", async (_, words, message) => {
  await using copy = await copyProject();

  const { code, stderr } = await copy.run("cli/postbox.js", "new", ...words);

  expect(stderr).toContain(message);
  expect(code).not.toBe(0);
  expect(await copy.changed()).toEqual([]);
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
