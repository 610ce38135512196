import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { action, object, PostboxError, service, signAccessToken } from "postbox";
import { rest, type StoreFields, store } from "postbox/mixins";
import { listJobs, runJobNow, setup, type TestStack, until } from "postbox/testing";
import { type Static, Type } from "typebox";

let stack: TestStack;
/** Addresses of two gateways, each in front of an instance of its own. */
let gateways: readonly [string, string];

/** What each preparation of a reservation waits for, in the order in which they begin; none: nothing. */
const gates: Promise<void>[] = [];
/** Reservations being prepared. */
let preparing = 0;

const order = object({ item: Type.String(), note: Type.Optional(Type.String()) });

/** Writes a row for each call into the emails service's database. */
const orders = service({
  name: "orders",
  version: 1,
  mixins: [store("emails", () => ({})), rest("orders", { latest: 1 })],
  actions: {
    place: action({
      rest: "POST /orders",
      access: "gen",
      status: 201,
      params: object({ body: order }),
      response: object({ number: Type.Integer() }),
      async handler(this: StoreFields<Record<never, never>>, ctx) {
        const { item }: Static<typeof order> = ctx.params.body;
        const { rows } = await this.db.query<{ number: number }>({
          text: "insert into placed (item) values ($1) returning number",
          values: [item],
        });
        if (item === "broken") throw new Error("The printer is on fire.");
        if (item === "slow") await this.db.query({ text: "select pg_sleep(0.3)" });
        return { number: rows[0]?.number ?? 0 };
      },
    }),
    reserve: action({
      rest: "POST /reservations",
      access: "gen",
      status: 201,
      params: object({ body: order }),
      response: object({ number: Type.Integer() }),
      async prepare(this: StoreFields<Record<never, never>>, ctx) {
        preparing += 1;
        await gates.shift();
        preparing -= 1;
        const { item } = ctx.params.body;
        const taken = await this.db.query({ text: "select from placed where item = $1", values: [item] });
        if (taken.rows.length > 0) throw new PostboxError("job-state", "It is reserved already.");
        return item.toUpperCase();
      },
      async handler(this: StoreFields<Record<never, never>>, ctx, loud) {
        const { rows } = await this.db.query<{ number: number }>({
          text: "insert into placed (item) values ($1), ($2) returning number",
          values: [ctx.params.body.item, loud],
        });
        return { number: rows[0]?.number ?? 0 };
      },
    }),
    token: action({
      rest: "POST /token",
      access: "gen",
      idempotency: false,
      params: object({}),
      response: Type.String(),
      handler: () => crypto.randomUUID(),
    }),
    cookie: action({
      rest: "POST /cookie",
      access: "gen",
      params: object({}),
      response: Type.String(),
      handler(ctx) {
        ctx.meta.$responseHeaders = { "Set-Cookie": "session=secret" };
        return crypto.randomUUID();
      },
    }),
  },
});

beforeAll(async () => {
  stack = await setup();
  await stack.database("emails").query({
    text: "create table placed (number integer generated always as identity, item text not null)",
  });
  const first = await stack.startServices(["gateway", orders]);
  const second = await stack.startServices(["gateway", orders]);
  gateways = [first.gateway, second.gateway];
  // Made now: with no auth to ask, a node would not believe a token from before its start.
  ada = token("ada");
});
afterAll(() => stack.stop());

const token = (user_id: string) => signAccessToken({ user_id, role: "user", verified: true }).token;
let ada: string;

function place(
  body: object,
  key: string | undefined,
  { bearer = ada, at = 0, path = "/orders/orders" } = {},
): Promise<Response> {
  return fetch(`${gateways[at]}${path}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${bearer}`,
      ...(key !== undefined && { "Idempotency-Key": key }),
    },
    body: JSON.stringify(body),
  });
}

async function placed(item: string): Promise<number> {
  const { rows } = await stack
    .database("emails")
    .query<{ n: number }>({ text: "select count(*)::int as n from placed where item = $1", values: [item] });
  return rows[0]?.n ?? -1;
}

test("a request sent again has its effect once and is answered as the first was, by any instance and path", async () => {
  const first = await place({ item: "lamp", note: "red" }, "k-1");
  const answer = await first.json();
  expect(first.headers.get("idempotent-replayed")).toBeNull();
  for (const [at, path] of [
    [0, "/orders/orders"],
    [1, "/orders/v1/orders"],
  ] as const) {
    const again = await place({ note: "red", item: "lamp" }, "k-1", { at, path });
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.json()).toEqual(answer);
  }
  expect(await placed("lamp")).toBe(1);
});

test("the same key with another body is refused, and by another caller is another key", async () => {
  await place({ item: "desk" }, "k-2");
  const other = await place({ item: "chair" }, "k-2");
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ code: "idempotency-mismatch" });
  expect((await place({ item: "chair" }, "k-2", { bearer: token("bob") })).status).toBe(201);
});

test("a failed request leaves nothing behind, and its key can be used again", async () => {
  expect((await place({ item: "broken" }, "k-3")).status).toBe(500);
  expect(await placed("broken")).toBe(0);
  expect((await place({ item: "mended" }, "k-3")).status).toBe(201);
});

test.each([
  ["of 256 characters", "x".repeat(256)],
  ["of two words", "two words"],
])("a key %s is malformed", async (_, key) => {
  expect((await place({ item: "never" }, key)).status).toBe(400);
  expect(await placed("never")).toBe(0);
});

test("fifty at once make one effect, are told so, and leave connections for others", async () => {
  const fifty = Array.from({ length: 50 }, (_, n) => place({ item: "slow" }, "k-5", { at: n % 2 }));
  const others = Array.from({ length: 10 }, (_, n) => place({ item: "other" }, `k-6-${n}`));
  expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(10).fill(201));
  const answers = await Promise.all(fifty);
  expect(await placed("slow")).toBe(1);
  const created = answers.filter(({ status }) => status === 201);
  const told = answers.filter(({ status }) => status === 409);
  expect(created.length).toBeGreaterThan(0);
  expect(created.length + told.length).toBe(50);
  expect(told.every(({ headers }) => headers.get("retry-after") === "1")).toBe(true);
});

test.each(["token", "cookie"])("an answer that holds a %s is never stored", async (kind) => {
  const [first, second] = [
    await place({}, "k-7", { path: `/orders/${kind}` }),
    await place({}, "k-7", { path: `/orders/${kind}` }),
  ];
  expect(await first.text()).not.toBe(await second.text());
  const { rows } = await stack.database("emails").query({
    text: "select from idempotency_key where scope like $1",
    values: [`%${kind}%`],
  });
  expect(rows).toEqual([]);
});

const reserve = (item: string, key: string | undefined, at = 0) =>
  place({ item }, key, { at, path: "/orders/reservations" });

test("what an action prepares is handed to its handler, with a key or without", async () => {
  for (const [item, key] of [
    ["seat", undefined],
    ["bench", "k-8"],
  ] as const) {
    expect((await reserve(item, key)).status).toBe(201);
    expect(await placed(item.toUpperCase())).toBe(1);
  }
  expect((await reserve("bench", "k-8")).headers.get("idempotent-replayed")).toBe("true");
  expect((await reserve("bench", "k-9")).status).toBe(409);
});

test("while requests with keys are prepared they hold no connection, and the same keys are told to wait", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const keys = Array.from({ length: 20 }, (_, n) => `k-10-${n}`);
  gates.push(...keys.map(() => promise));
  const held = keys.map((key) => reserve(key, key));
  await until(() => preparing === keys.length);
  expect((await place({ item: "passer-by" }, "k-11")).status).toBe(201);
  expect((await reserve("k-10-0", "k-10-0")).status).toBe(409);
  resolve();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual(keys.map(() => 201));
});

test("a request that fails to be prepared because its twin in another process was done is answered as that one was", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gates.push(promise);
  const later = reserve("twin", "k-12", 1);
  await until(() => preparing === 1);
  const first = await reserve("twin", "k-12", 0);
  resolve();
  const answer = await later;
  expect([first.status, answer.status, answer.headers.get("idempotent-replayed")]).toEqual([201, 201, "true"]);
  expect(await answer.json()).toEqual(await first.json());
  expect(await placed("twin")).toBe(1);
});

test("the job of the scheduler deletes the answers that cannot be had any more, and no others", async () => {
  const emails = stack.database("emails");
  await place({ item: "clock" }, "old");
  await place({ item: "watch" }, "young");
  await emails.query({
    text: "update idempotency_key set created_at = created_at - interval '24 hours' where key = 'old'",
  });
  await emails.query({
    text: `insert into idempotency_key (scope, key, request_hash, status, created_at)
      select 'many', n, '', 201, now() - interval '2 days' from generate_series(1, 6000) as n`,
  });
  await stack.startServices(["emails.scheduler"]);
  await runJobNow(emails, "retention", "ada");
  await until(async () => (await listJobs(emails)).find(({ name }) => name === "retention")?.last_status === "done");
  const { rows } = await emails.query({
    text: "select key from idempotency_key where scope = 'many' or key in ('old', 'young')",
  });
  expect(rows).toEqual([{ key: "young" }]);
});
