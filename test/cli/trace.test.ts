import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Service } from "moleculer";
import { action, actionRef, call, defineEvent, defineJob, handle, object, service } from "postbox";
import { mailbox, rest, type StoreMethods, scheduler, store } from "postbox/mixins";
import { runJobNow, setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { traceEvents } from "../../libs/postbox/delivery/trace/trace-events.ts";
import { Note, noted } from "../delivery/example-events.ts";
import { postbox } from "./postbox.ts";

// A test that starts whole commands takes seconds for each on a busy machine.
jest.setTimeout(180_000);

type Stored = Service & StoreMethods;

const reserved = defineEvent({ service: "users", name: "reserve", version: 1, targets: ["auth"], schema: Note });
const counted = defineEvent({ service: "users", name: "count", version: 1, targets: ["auth"], schema: Note });
const noModels = () => ({});

/** Publishes by itself, and by a call of another service. */
const place = action({
  rest: "POST /orders",
  access: "public",
  params: object({}),
  response: Type.Unknown(),
  async handler(this: Stored, ctx) {
    await this.transaction(async (tx) => tx.enqueue(noted, { n: 1 }));
    await call(ctx, actionRef("v1.users.count"), {});
    return {};
  },
});
const count = action({
  access: "public",
  async handler(this: Stored) {
    await this.transaction(async (tx) => tx.enqueue(counted, { n: 2 }));
  },
});
const report = defineJob({
  name: "report",
  schedule: { cron: "0 3 1 1 *" },
  handler: ({ transaction }) => transaction(async (tx) => tx.enqueue(counted, { n: 3 })),
});

const services = [
  service({
    name: "auth",
    version: 1,
    mixins: [
      store("auth", noModels),
      rest("auth", { latest: 1 }),
      mailbox("auth", noModels, [
        handle(counted, async () => undefined),
        handle(reserved, async function outOfStock() {
          throw new Error("out of stock");
        }),
      ]),
    ],
    actions: { place },
  }),
  service({
    name: "users",
    version: 1,
    mixins: [
      store("users", noModels),
      mailbox("users", noModels, [handle(noted, async ({ data }, tx) => tx.enqueue(reserved, data))]),
    ],
    actions: { count },
  }),
  service({ name: "users.scheduler", mixins: [scheduler("users", noModels, [report])] }),
];

let stack: TestStack;
let gateway: string;
beforeAll(async () => {
  stack = await setup();
  ({ gateway } = await stack.startServices(["gateway", ...services]));
});
afterAll(() => stack?.stop());

const databases = () => ({ auth: stack.database("auth"), users: stack.database("users") });
const post = (path: string, id: string) =>
  fetch(`${gateway}${path}`, { method: "POST", headers: { "X-Request-ID": id } });

test("a request is traced by its id over both services, down to the line of the handler that failed", async () => {
  expect(await post("/auth/orders", "order-4711")).toMatchObject({ status: 200 });
  await expect(stack.settle()).rejects.toThrow("out of stock");

  const tree = {
    correlation_id: "order-4711",
    run: null,
    truncated: false,
    events: [
      {
        service: "auth",
        event_type: "auth.note",
        target: "users",
        received: { status: "processed" },
        effects: [
          {
            service: "users",
            event_type: "users.reserve",
            received: {
              status: "failed",
              error_message: expect.stringMatching(/^Error: out of stock\n {4}at .*test\/cli\/trace\.test\.ts:\d+/),
            },
            effects: [],
          },
        ],
      },
      { service: "users", event_type: "users.count", received: { status: "processed" }, effects: [] },
    ],
  };
  const byRequest = await traceEvents(databases(), "order-4711");
  expect(byRequest).toMatchObject(tree);
  // From an event in the middle, to its cause and its neighbours.
  expect(await traceEvents(databases(), byRequest.events[0]?.effects[0]?.id.toUpperCase() ?? "")).toEqual(byRequest);

  const { stdout, code } = await postbox(["trace", "order-4711"], stack.config);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Request order-4711\n├─ auth\.note to users.*\n(?:│ .*\n)+│ {2}└─ users\.reserve to auth.*\n(?:│ .*\n)*│ .*auth: failed, .*\d failures?, next try.*\n│ .*Error: out of stock\n│ .*at .*test\/cli\/trace\.test\.ts:\d+/,
  );
  expect(stdout).toMatch(/\n└─ users\.count to auth/);
  const json = await postbox(["trace", "order-4711", "--json"], stack.config);
  expect(JSON.parse(json.stdout)).toMatchObject({ correlation_id: "order-4711", events: [{}, {}] });
});

test("a job's run is traced with what it has caused", async () => {
  const users = stack.database("users");
  await until(async () => (await users.query({ text: "select from job where name = 'report'" })).rowCount);
  await runJobNow(users, "report", "ada");
  const { id } = await until(async () => {
    const { rows } = await users.query<{ id: string }>({
      text: "select id from job_run where job = 'report' and status = 'done'",
    });
    return rows[0];
  });
  expect(await traceEvents(databases(), id)).toMatchObject({
    correlation_id: id,
    run: { service: "users", job: "report", status: "done" },
    events: [{ event_type: "users.count", service: "users" }],
  });
});

test("an event of long ago leads to what its handler published a day later, and an unknown id is told", async () => {
  const [old, effect] = ["01000000-0000-7000-8000-000000000001", "01000527-5c00-7000-8000-000000000002"] as const;
  const published = `insert into event_outbox (id, event_type, version, target, data, headers, payload_hash, status, created_at)
    values ($1, 'auth.note', 1, $2, '{}', $3, 'x', 'processed', '2004-11-03')`;
  const headers = { correlation_id: "long-ago" };
  await stack.database("auth").query({ text: published, values: [old, "users", JSON.stringify(headers)] });
  // The effect was handled, and so published, at the time in its id: a day after the time in the other one.
  await stack.database("users").query({
    text: `insert into event_inbox (id, source, event_type, version, payload_hash, processed_at)
      values ($1, 'auth', 'auth.note', 1, 'x', to_timestamp(('x' || '010005275c00')::bit(48)::bigint / 1000.0))`,
    values: [old],
  });
  await stack.database("users").query({
    text: published,
    values: [effect, "nobody", JSON.stringify({ ...headers, causation_id: old })],
  });

  const unknown = traceEvents(databases(), "long-ago");
  await expect(unknown).rejects.toMatchObject({ type: "event-not-found", message: expect.stringContaining("--since") });
  // The id tells when to search. The subscriber of the effect is no service of the project.
  const found = { events: [{ id: old, effects: [{ id: effect, service: "users", received: null }] }] };
  expect(await traceEvents(databases(), old)).toMatchObject(found);
  expect(await traceEvents(databases(), effect)).toMatchObject(found);
});
