import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { configure, type Database } from "postbox";
import { type FaultyLink, freePort, startProxy, until } from "postbox/testing";
import { type Answer, type Api, password } from "../auth/api.ts";
import { type Identity, startIdentity } from "../auth/identity.ts";

/** Milliseconds for which a worker tries a batch before it gives its messages back to the broker. */
const retryBeforePauseMs = 5_000;

// Faults last for seconds each.
jest.setTimeout(120_000);

let identity: Identity;
/** A client of a gateway that calls the services over NATS. Their Postgres is reached by `link`. */
let api: Api;
let metrics: string;
let port: number;
let link: FaultyLink;

const services = ["auth", "auth.worker", "users", "users.worker"];

beforeAll(async () => {
  identity = await startIdentity({ LOG_LEVEL: "error" }, ["gateway"]);
  const { stack } = identity;
  port = await freePort();
  link = await startProxy(stack.database("auth").options, { port });
  configure({ ...stack.config, POSTGRES_PORT: port });
  ({ metrics } = await stack.startServices(services));
  ({ api } = identity);
  for (const service of ["auth", "users"])
    await until(async () => (await api.send(`GET /${service}/utils/health`)).status === 200);
});
afterAll(async () => {
  await identity?.stop();
  await link?.[Symbol.asyncDispose]();
});

/** Registers a user and logs in; waits for the profile. */
async function person(username: string) {
  expect((await api.register(username)).status).toBe(201);
  const { body } = await api.login(username, password);
  const token = String(body.access_token);
  await until(async () => (await api.send("GET /users/me", { token })).status === 200);
  return { username, token };
}

async function checks(): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`${metrics}/health/ready`);
  return Object(await response.json()).checks;
}

const ready = async () => (await fetch(`${metrics}/health/ready`)).status === 200;

function expectUnavailable({ status, headers, body }: Answer): void {
  expect({ status, code: body.code }).toEqual({ status: 503, code: "service-unavailable" });
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
}

test("a lock on the mailbox of one key harms that key alone", async () => {
  const { auth } = identity;
  const [held, free] = [await person("held"), await person("free")];
  const rename = ({ token }: { token: string }, new_username: string) =>
    api.send("PATCH /users/me/username", { token, json: { new_username } });
  const release = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const lock = auth.transaction(async (tx) => {
    await tx.query({
      text: "select from outbox_mailbox where key = (select id::text from account where username = 'held') for update",
    });
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const refused = Array.from({ length: 12 }, (_, n) => rename(held, `held-${n}`));
  const others: Answer[] = [];
  for (let n = 0; n < 10; n++) others.push(await rename(free, `free-${n}`));
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));
  for (const answer of await Promise.all(refused)) expectUnavailable(answer);
  // Another key's event was published and handled meanwhile: the runtime kept connections of its own.
  await until(async () => (await api.send("GET /users/me", free)).body.username === "free-9");
  expectUnavailable(await rename(held, "held-still"));
  release.resolve();
  await lock;
  await until(async () => (await rename(held, "held-no-more")).status === 200);
});

async function setReadOnly(database: Database, on: boolean): Promise<void> {
  const { database: name } = database.options;
  const text = on
    ? `alter database ${name} set default_transaction_read_only = on`
    : `alter database ${name} reset default_transaction_read_only`;
  await identity.stack.database("emails").query({ text });
  await identity.stack.database("emails").query({
    text: "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name <> 'postbox-test'",
    values: [name],
  });
}

test("while the servers take no writes readiness says so, and all goes on by itself afterwards", async () => {
  const { auth, users } = identity;
  const { token } = await person("reader");
  const begin = performance.now();
  try {
    await setReadOnly(users, true);
    expect((await api.register("newcomer")).status).toBe(201);
    await until(async () => (await checks())["mailbox:users"] !== "ok", { what: "the worker cannot write" });
    await setReadOnly(auth, true);
    await until(async () => (await checks())["postgres:auth"] === "the server is read-only");
    expect((await checks())["postgres:users"]).toBe("the server is read-only");
    expectUnavailable(await api.register("latecomer"));
    expect((await api.send("GET /users/me", { token })).status).toBe(200);
    // By then the worker has given its messages back, and asks whether it can write again.
    await until(() => performance.now() > begin + retryBeforePauseMs + 2_000);
  } finally {
    await setReadOnly(users, false);
    await setReadOnly(auth, false);
  }
  await until(ready, { deadlineMs: 15_000, what: "the services are ready" });
  await until(async () => (await api.login("newcomer", password)).status === 200, { deadlineMs: 15_000 });
  await until(
    async () => (await users.query({ text: "select from profile where username = 'newcomer'" })).rows.length === 1,
    { deadlineMs: 15_000, what: "the event that was open has taken effect" },
  );
  const { rows } = await users.query({
    text: "select attempts, crashes from event_inbox where attempts > 1 or crashes > 0",
  });
  expect(rows).toEqual([]);
});

test("while Postgres is away calls are answered 503 on every way to it, and succeed when it is back", async () => {
  const { token } = await person("waiting");
  const requests = [
    () => api.send("GET /users/me", { token }),
    () => api.login("waiting", password),
    () => api.send("PATCH /users/me/username", { token, json: { new_username: "waited" } }),
  ];
  await link[Symbol.asyncDispose]();
  for (const request of requests) expectUnavailable(await request());
  expect((await checks())["postgres:users"]).toContain("ECONNREFUSED");
  link = await startProxy(identity.stack.database("auth").options, { port });
  await until(ready, { what: "the services are ready" });
  for (const request of requests) expect((await request()).status).toBe(200);
});
