import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import pg from "pg";
import { until } from "postbox/testing";
import type { ProcessRecord } from "../../libs/postbox/tools/stack/process/child.ts";
import { isAlive } from "../../libs/postbox/tools/stack/process/identity.ts";
import type { StackAddresses } from "../../libs/postbox/tools/stack/stack-file.ts";
import { copyProject, type ProjectCopy } from "../cli/copy.ts";
import { openTerminal, type Terminal } from "../cli/terminal.ts";
import { remove, startEnvironment } from "./started.ts";

// One `postbox dev` for all tests, which go on where the last one ended.
jest.setTimeout(180_000);

let copy: ProjectCopy;
let env: Awaited<ReturnType<typeof startEnvironment>>;
let dev: Terminal;

beforeAll(async () => {
  copy = await copyProject();
  env = { ...(await startEnvironment()), TERM: "xterm-256color" };
  dev = openTerminal([join(copy.root, "cli/postbox.js"), "dev"], { env, cwd: copy.root });
  await dev.shows("live after");
});

afterAll(async () => {
  dev?.[Symbol.dispose]();
  if (env) await remove(env.POSTBOX_HOME);
  await copy?.[Symbol.asyncDispose]();
});

const path = (file: string) => join(copy.root, file);

/** As editors do: a new file takes the place of the old one. */
async function save(file: string, text: string): Promise<void> {
  await mkdir(dirname(path(file)), { recursive: true });
  await writeFile(path(`${file}.tmp`), text);
  await rename(path(`${file}.tmp`), path(file));
}

/** Saves, and waits until the terminal shows something. */
async function saved(file: string, text: string, expected = "live again after"): Promise<void> {
  const from = dev.text.length;
  await save(file, text);
  await dev.shows(expected, from);
}

async function addresses(): Promise<StackAddresses> {
  return JSON.parse(await readFile(join(env.POSTBOX_HOME, "stack.json"), "utf8"));
}

/** What the database of the new service answers. */
async function rows<Row extends pg.QueryResultRow>(statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: (await addresses()).postgres.tally });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

const count = (n: number) =>
  fetch(`http://127.0.0.1:${env.PORT}/tally/count`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ n }),
  });

const migration = `import type { MigrationContext } from "postbox/migrations";

export async function up({ query }: MigrationContext): Promise<void> {
  await query("create table counted (n int, code int)");
}

export async function down({ query }: MigrationContext): Promise<void> {
  await query("drop table counted");
}
`;

const contract = `import { defineEvent, object } from "postbox/schema";
import { Type } from "typebox";

export const count = defineEvent({
  service: "tally",
  name: "count.number",
  version: 1,
  targets: ["tally"],
  schema: object({ n: Type.Integer() }),
});
`;

const actions = `import { action, object } from "postbox";
import { Type } from "typebox";
import { count as counting } from "../../../../libs/tally/events.ts";
import type { TallyService } from "../../tally-service.ts";

export const actions = {
  count: action({
    rest: "POST /count",
    access: "public",
    summary: "Count",
    params: object({ body: object({ n: Type.Integer() }) }),
    handler(this: TallyService, ctx) {
      return this.transaction(async (tx) => tx.enqueue(counting, ctx.params.body));
    },
  }),
};
`;

/** The handler of a release, whose rows tell the release. A negative number ends the process. */
const handler = (code: number) => `import { handle } from "postbox";
import { count } from "../../libs/tally/events.ts";

export const handlers = [
  handle(count, async ({ data }, tx) => {
    if (data.n < 0) process.exit(7);
    await tx.query({ text: "insert into counted (n, code) values ($1, ${code})", values: [data.n] });
  }),
];
`;

test("a service that is made meanwhile is taken up, its database made and migrated", async () => {
  expect(await copy.run("cli/postbox.js", "new", "service", "tally")).toMatchObject({ code: 0 });
  await dev.shows("new service: tally");
  const version = () => fetch(`http://127.0.0.1:${env.PORT}/tally/utils/version`);
  await until(async () => (await version()).status === 200, { deadlineMs: 60_000, what: "its routes are live" });
  expect(await rows("select count(*)::int as rows from event_inbox")).toEqual([{ rows: 0 }]);
});

test("a migration that waits is offered, left when nobody agrees, and applied when somebody does", async () => {
  const names = (await readdir(path("migrations/tally"))).length;
  const file = `migrations/tally/${String(names + 1).padStart(4, "0")}_counted.ts`;
  const question = `Apply the migrations tally ${String(names + 1).padStart(4, "0")}_counted? [y/N]`;
  await saved(file, migration, question);
  await dev.answer("n\r", "npx postbox migrate up tally");
  await saved(file, `${migration}\n`, question);
  await dev.answer("y\r", "Applied tally:");
  expect(await rows("select * from counted")).toEqual([]);
});

test("handlers that are saved under load lose and double no event, and fail no request", async () => {
  await save("libs/tally/events.ts", contract);
  await save("services/tally/events.ts", handler(1));
  await saved("services/tally/api/v1/actions.ts", actions);
  await until(async () => (await count(0)).ok, { deadlineMs: 60_000, what: "the action is live" });

  let sent = 0;
  const failed: unknown[] = [];
  const load = new AbortController();
  const one = async () => {
    while (!load.signal.aborted) {
      sent += 1;
      const answer = await count(sent).catch((error: unknown) => error);
      if (!(answer instanceof Response && answer.ok)) failed.push(answer);
    }
  };
  const sending = Promise.all([one(), one(), one()]);
  const handledBy = (code: number) =>
    until(async () => (await rows(`select n from counted where code = ${code} limit 1`)).length > 0, {
      deadlineMs: 60_000,
      what: `release ${code} has handled an event`,
    });
  await handledBy(1);
  await saved("services/tally/events.ts", handler(2));
  await handledBy(2);
  await saved(
    "services/tally/events.ts",
    `${handler(3)}\nconst twice = 1;\nconst twice = 2;\n`,
    "What ran before goes on.",
  );
  await saved("services/tally/events.ts", handler(3));
  await handledBy(3);
  load.abort();
  await sending;

  expect(failed).toEqual([]);
  expect(dev.text).not.toContain("could not mark");
  const effects = async () =>
    (await rows<{ n: number }>("select n from counted where n > 0 order by n")).map(({ n }) => n);
  await until(async () => (await effects()).length >= sent, { deadlineMs: 60_000, what: "all events are handled" });
  expect(await effects()).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
});

test("a file that does not start is told once, with file and line", () => {
  expect(dev.text.match(/services\/tally\/events\.ts:\d+/g)).toEqual(["services/tally/events.ts:12"]);
  expect(dev.text.match(/SyntaxError: .*/g)).toHaveLength(1);
});

test("services that end by themselves leave the servers, and start again at the next save", async () => {
  const from = dev.text.length;
  await count(-1).catch(() => undefined);
  await dev.shows("The services ended by themselves, with exit code 7", from);
  expect(await rows("select 1 as one")).toEqual([{ one: 1 }]);
  await saved("services/tally/events.ts", handler(4).replace("process.exit(7)", "return"), "live after");
  expect((await count(1_000_000)).status).toBe(200);
});

test("a save of .env restarts the services, and names what takes effect later", async () => {
  await saved(".env", "ACCESS_LOG=true\nNATS_USER=somebody\n");
  expect(dev.text).toContain("NATS_USER takes effect at the next start of this command.");
  const from = dev.text.length;
  // A connection that is kept alive reaches the last process until that one has closed it.
  const logged = async () => (await count(1_000_001)).ok && dev.text.includes('"log":"access"', from);
  await until(logged, { deadlineMs: 60_000, everyMs: 500, what: "a request is logged" });
});

test("a file that is touched, or a test that is written, restarts nothing", async () => {
  const from = dev.text.length;
  await save("services/tally/events.ts", handler(4).replace("process.exit(7)", "return"));
  await save("services/tally/some.test.ts", "it is no part of the service");
  await saved("services/tally/jobs.ts", `${await readFile(path("services/tally/jobs.ts"), "utf8")}\n`);
  expect(dev.text.slice(from).match(/changed: .*/g)).toEqual(["changed: services/tally/jobs.ts"]);
});

test("levels have colours, and Ctrl-C leaves nothing running", async () => {
  expect(dev.raw).toContain("\u001b[33mWARN\u001b[39m");
  const folder = join(env.POSTBOX_HOME, "processes");
  const children = await Promise.all(
    (await readdir(folder)).map(
      async (name): Promise<ProcessRecord> => JSON.parse(await readFile(join(folder, name), "utf8")),
    ),
  );
  expect(children.map(({ name }) => name).sort()).toEqual(["nats", "postgres"]);
  dev.type("\u0003");
  expect(await dev.ended()).toBe(0);
  expect(dev.text).toContain("stopped");
  expect(await Promise.all(children.map(isAlive))).toEqual([false, false]);
  await expect(fetch(`http://127.0.0.1:${env.PORT}/`)).rejects.toThrow();
});
