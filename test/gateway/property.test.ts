import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { signAccessToken } from "postbox";
import { type Route, setup, type TestStack } from "postbox/testing";
import { arbitraryOf } from "./arbitrary.ts";
import { shop } from "./fixtures.ts";

// Ten thousand requests.
jest.setTimeout(180_000);

const bodies = 10_000;
const atOnce = 25;

let stack: TestStack;
let gateway: string;
let routes: readonly Route[];
let authorization: string;

beforeAll(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
  const started = await stack.startServices(["gateway", "auth", "users", "emails", shop]);
  ({ gateway } = started);
  routes = started.routes.filter(({ path }) => !path.includes("/utils/") && !path.endsWith("/fail"));
  const root = { user_id: "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e", role: "root", verified: true } as const;
  // Known to users, which otherwise waits two seconds in each answer for the event that tells of a new user.
  await stack.database("users").query({
    text: `insert into profile (id, username, email, role, verified, disabled, created_at)
      values ($1, 'generated', 'generated@postbox.example', 'root', true, false, now())`,
    values: [root.user_id],
  });
  authorization = `Bearer ${signAccessToken(root).token}`;
});
afterAll(() => stack.stop());

interface Shot {
  readonly route: Route;
  readonly request: Readonly<Record<string, unknown>>;
}

/** A request for a route, from its own schema or from a neighbour's. */
function shots(): fc.Arbitrary<Shot> {
  const one = fc.constantFrom(...routes);
  return fc.tuple(one, one, fc.boolean()).chain(([route, neighbour, own]) => {
    const { properties } = (own ? route : neighbour).document.params;
    const parts = { params: properties?.params, query: properties?.query, body: properties?.body };
    return fc
      .record({
        params: arbitraryOf(parts.params ?? { type: "object" }),
        query: arbitraryOf(parts.query ?? { type: "object" }),
        body: fc.oneof(
          { weight: 6, arbitrary: arbitraryOf(parts.body ?? { type: "object" }) },
          { weight: 1, arbitrary: fc.jsonValue() },
        ),
      })
      .map((request) => ({ route, request }));
  });
}

const text = (value: unknown) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
const encoded = (value: unknown) => encodeURIComponent(text(value).toWellFormed());
const pairs = (value: unknown) =>
  Object.entries(Object(value))
    .map(([name, one]) => `${encoded(name)}=${encoded(one)}`)
    .join("&");

async function fire({ route, request: { params, query, body } }: Shot): Promise<{ status: number; answer: string }> {
  const given = Object.values(Object(params));
  let at = 0;
  const path = route.path.replaceAll(/:\w+/g, () => encoded(given[at++] ?? "x").slice(0, 500) || "x");
  const form = route.parts.body === "form";
  const answer = await fetch(`${gateway}${path}?${pairs(query)}`.slice(0, 8_000), {
    method: route.method,
    headers: {
      Authorization: authorization,
      "Content-Type": form ? "application/x-www-form-urlencoded" : "application/json",
    },
    ...(route.method !== "GET" && { body: form ? pairs(body) : JSON.stringify(body) }),
  });
  return { status: answer.status, answer: await answer.text() };
}

test(`of ${bodies} generated requests none fails the server, and no answer tells of the inside`, async () => {
  const seen = new Map<number, number>();
  const batches = fc.array(shots(), { minLength: atOnce, maxLength: atOnce, size: "max" });
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      const answers = await Promise.all(batch.map(fire));
      for (const [n, { status, answer }] of answers.entries()) {
        seen.set(status, (seen.get(status) ?? 0) + 1);
        if (status === 500) throw new Error(`500 for ${batch[n]?.route.method} ${batch[n]?.route.path}: ${answer}`);
        if (/"stack"|nodeID|SequelizeDatabase|syntax error|\.ts:\d|violates/.test(answer))
          throw new Error(`${batch[n]?.route.path} leaks: ${answer}`);
        if (status < 300 && /"(__proto__|constructor|prototype)":/.test(answer))
          throw new Error(`An inherited key came through: ${answer}`);
      }
    }),
    { numRuns: bodies / atOnce, endOnFailure: true },
  );
  expect(Reflect.ownKeys(Object.prototype).filter((key) => typeof key === "string" && !known.includes(key))).toEqual(
    [],
  );
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 422]));
});

const known = Reflect.ownKeys(Object.prototype);
