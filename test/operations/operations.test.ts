import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Database, type Role, signAccessToken } from "postbox";
import { setup, type TestStack, until } from "postbox/testing";
import { changePassword } from "../../libs/auth/events.ts";
import { Api } from "../auth/api.ts";

const operator = "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e";
const tokenOf = (role: Role) => signAccessToken({ user_id: operator, role, verified: true }).token;

let stack: TestStack;
let api: Api;
let auth: Database;

beforeAll(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  const { gateway } = await stack.startServices(["auth", "auth.scheduler", "users", "emails", "gateway"]);
  api = new Api(gateway);
  auth = stack.database("auth");
});
afterAll(() => stack.stop());

/** Events of auth that emails has given up on. */
async function deadLetters(count: number): Promise<string[]> {
  await stack.transaction("auth", async (tx) => {
    for (let made = 0; made < count; made += 1) tx.enqueue(changePassword, { user_id: operator });
    tx.beforeCommit(async () => {
      await tx.query({
        text: "update event_outbox set status = 'dead', error_message = 'broken' where status = 'pending'",
      });
    });
  });
  const { rows } = await auth.query<{ id: string }>({
    text: "select id from event_outbox where status = 'dead' order by position",
  });
  return rows.map(({ id }) => id);
}

const acts = async (action: string) => {
  const { rows } = await auth.query({
    text: "select actor, subject from operator_action where action = $1",
    values: [action],
  });
  return rows;
};

const routes = [
  `GET /operations/events/${operator}`,
  "GET /operations/dead",
  "POST /operations/dead/replay",
  "POST /operations/dead/skip",
  "GET /operations/jobs",
  "POST /operations/jobs/retention/run",
  "POST /operations/jobs/retention/pause",
  "POST /operations/jobs/retention/resume",
];

test.each(["auth", "users", "emails"])("nobody and no plain user may operate %s", async (service) => {
  for (const route of routes) {
    const target = route.replace(" ", ` /${service}`);
    const json = route.startsWith("POST /operations/dead") ? { json: { all: true } } : {};
    expect(await api.send(target, json)).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(await api.send(target, { ...json, token: tokenOf("user") })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
  }
});

test.each<Role>(["admin", "root"])("%s sees each service's dead letters and jobs", async (role) => {
  const token = tokenOf(role);
  for (const service of ["auth", "users", "emails"]) {
    expect(await api.send(`GET /${service}/operations/dead`, { token })).toMatchObject({
      status: 200,
      body: { events: [] },
    });
    expect((await api.send(`GET /${service}/v1/operations/jobs`, { token })).status).toBe(200);
  }
});

test("dead letters are listed, shown, replayed and skipped, and each act names the caller", async () => {
  const token = tokenOf("admin");
  const [first, second, third] = await deadLetters(3);
  const { body } = await api.send("GET /auth/operations/dead?target=emails&limit=2", { token });
  expect(body.events).toMatchObject([
    { id: first, event_type: "auth.change.password", error_message: "broken" },
    { id: second },
  ]);
  expect(await api.send(`GET /auth/operations/events/${first}`, { token })).toMatchObject({
    status: 200,
    body: { id: first, status: "dead", sequence: 1, data: { user_id: operator } },
  });

  const send = (verb: string, json: object) => api.send(`POST /auth/operations/dead/${verb}`, { token, json });
  expect(await send("replay", { ids: [first] })).toMatchObject({ status: 200, body: { ids: [first] } });
  expect(await send("replay", { ids: [first] })).toMatchObject({ status: 409, body: { code: "event-state" } });
  expect(await send("replay", { ids: [operator] })).toMatchObject({ status: 404, body: { code: "event-not-found" } });
  expect(await send("skip", {})).toMatchObject({ status: 422, body: { detail: expect.stringContaining("Say which") } });
  expect(await send("skip", { event_type: "auth.change.password", target: "users" })).toMatchObject({
    body: { ids: [] },
  });
  expect(await send("skip", { all: true })).toMatchObject({ status: 200, body: { ids: [second, third] } });
  expect(await acts("replay")).toEqual([{ actor: operator, subject: first }]);
  expect(await acts("skip")).toHaveLength(2);
});

test("a job is run now, paused, refused while paused, and resumed", async () => {
  const token = tokenOf("root");
  const send = (verb: string, job = "retention") => api.send(`POST /auth/operations/jobs/${job}/${verb}`, { token });
  const job = async () => {
    const { body } = await api.send("GET /auth/operations/jobs", { token });
    return (body.jobs as Record<string, unknown>[]).find(({ name }) => name === "retention");
  };
  expect(await job()).toMatchObject({ state: "waiting", schedule: "37 * * * *" });
  expect((await send("run")).status).toBe(200);
  await until(async () => (await job())?.last_status === "done", { what: "the job has run" });
  expect((await send("pause")).status).toBe(200);
  expect(await job()).toMatchObject({ state: "paused" });
  expect(await send("run")).toMatchObject({ status: 409, body: { code: "job-state" } });
  expect((await send("resume")).status).toBe(200);
  expect(await job()).toMatchObject({ state: "waiting" });
  expect(await send("pause", "retentoin")).toMatchObject({ status: 404, body: { code: "job-not-found" } });
  for (const verb of ["run", "pause", "resume"])
    expect(await acts(`job.${verb}`)).toEqual([{ actor: operator, subject: "retention" }]);
});
