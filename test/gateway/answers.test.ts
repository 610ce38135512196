import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { action, object, service } from "postbox";
import { rest } from "postbox/mixins";
import { metricValue, setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";

const account = object({ name: Type.String(), seen: Type.Optional(Type.String({ format: "date-time" })) });
const hash = "$argon2id$v=19$";

/** The answers are those of handlers without types: TypeScript would refuse most of them. */
const answer = (result: unknown) => () => result as never;

const leaky = service({
  name: "leaky",
  version: 1,
  mixins: [rest("leaky", { latest: 1 })],
  actions: {
    right: action({
      rest: "GET /right",
      access: "public",
      response: account,
      // A date is sent as a text, and what is undefined is not sent.
      handler: answer({ name: "ada", seen: new Date(0), hash: undefined }),
    }),
    named: action({ rest: "GET /named", access: "public", response: account, handler: answer({ name: "ada", hash }) }),
    deep: action({
      rest: "GET /deep",
      access: "public",
      response: object({
        list: Type.Array(account),
        pair: Type.Tuple([account]),
        byName: Type.Record(Type.String(), account),
        either: Type.Union([Type.Null(), account]),
        both: Type.Intersect([account, Type.Object({ age: Type.Integer() })]),
      }),
      handler: answer({
        list: [{ name: "ada", hash }],
        pair: [{ name: "ada", hash }],
        byName: { ada: { name: "ada", hash } },
        either: { name: "ada", hash },
        both: { name: "ada", age: 36, hash },
      }),
    }),
    broken: action({
      rest: "GET /broken",
      access: "public",
      response: account,
      handler: answer({ name: 7, hash }),
    }),
  },
});

let local: TestStack;
let production: TestStack;
let origin: string;
beforeAll(async () => {
  local = await setup();
  ({ gateway: origin } = await local.startServices(["gateway", leaky]));
});
afterAll(async () => {
  await local.stop();
  await production?.stop();
});

test("in local an answer that its schema does not describe fails, and the client is told nothing of it", async () => {
  expect(await (await fetch(`${origin}/leaky/right`)).json()).toEqual({
    name: "ada",
    seen: "1970-01-01T00:00:00.000Z",
  });
  for (const path of ["named", "deep", "broken"]) {
    const response = await fetch(`${origin}/leaky/${path}`);
    const body = await response.text();
    expect([response.status, JSON.parse(body).code]).toEqual([500, "internal-error"]);
    expect(body).not.toContain("hash");
  }
});

test("the failure names the action, the field and the rule, and no value", async () => {
  const { broker } = await local.startServices([leaky]);
  const failed = await broker.call("v1.leaky.deep").catch((error: Error) => error);
  expect(failed).toMatchObject({ type: "answer-invalid" });
  expect(String(failed)).toContain("'v1.leaky.deep'");
  expect(String(failed)).toContain("'list.[].hash' is not taken here (additionalProperties)");
  expect(String(failed)).not.toContain(hash);
});

test("in production what the schema does not name is left out and counted, and a broken answer is counted and sent", async () => {
  const TOKEN_SECRET = "a secret of more than thirty-two bytes";
  production = await setup({
    env: { ENVIRONMENT: "production", TOKEN_SECRET, POSTGRES_PASSWORD: local.config.POSTGRES_PASSWORD },
  });
  const { gateway } = await production.startServices(["gateway", leaky]);
  const get = async (path: string) => (await fetch(`${gateway}/leaky/${path}`)).json();
  await until(async () => (await fetch(`${gateway}/leaky/right`)).ok);
  const faults = (name: string, fault: string) =>
    metricValue("postbox_answer_faults_total", { action: `v1.leaky.${name}`, fault });

  expect(await get("named")).toEqual({ name: "ada" });
  const ada = { name: "ada" };
  expect(await get("deep")).toEqual({
    ...{ list: [ada], pair: [ada], byName: { ada }, either: ada, both: { name: "ada", age: 36 } },
  });
  expect(await get("broken")).toEqual({ name: 7 });
  expect([await faults("named", "unnamed"), await faults("deep", "unnamed"), await faults("broken", "broken")]).toEqual(
    [1, 1, 1],
  );
  expect(await faults("right", "unnamed")).toBe(0);
});
