import { createRequire } from "node:module";
import { afterEach, expect, test } from "@jest/globals";
import { type Service, ServiceBroker, type ServiceSchema } from "moleculer";
import type { Route } from "../routes/route.ts";
import { callAction, createWeb, moleculerWebVersion, webMethods, webSettings } from "./moleculer-web-internals.ts";

const brokers: ServiceBroker[] = [];
afterEach(() => Promise.all(brokers.splice(0).map((broker) => broker.stop())));

/** A broker with an action `v1.shop.find`, and a web service whose gateway writes down what it is asked. */
async function started(gateway: object) {
  const broker = new ServiceBroker({ logger: false });
  brokers.push(broker);
  broker.createService({
    name: "shop",
    version: 1,
    actions: {
      find: (ctx) => ({ params: ctx.params, meta: ctx.meta, requestID: ctx.requestID }),
      hidden: { visibility: "public", handler: () => "seen" },
    },
  });
  const schema = {
    name: "web",
    settings: webSettings,
    methods: webMethods,
    created(this: Service) {
      createWeb(this);
      Object.assign(this, { gateway });
    },
  } as unknown as ServiceSchema;
  const service = broker.createService(schema);
  await broker.start();
  return service;
}

const route = (action: string, safe = true) => ({ action, safe }) as Route;
const request = () => ({ id: "r1" }) as never;

test("moleculer-web is the version whose parts were read", () => {
  expect(createRequire(import.meta.url)("moleculer-web/package.json").version).toBe(moleculerWebVersion);
});

test.each([true, false])(
  "moleculer-web has a call admitted, makes it, and hands on its result (safe: %s)",
  async (safe) => {
    const answers: unknown[] = [];
    const web = await started({
      admit: (_req: unknown, meta: object) => {
        Object.assign(meta, { token: "t" });
        return safe ? { query: { a: "1" } } : Promise.resolve({ query: { a: "1" } });
      },
      answer: (...given: unknown[]) => answers.push(given.slice(2)),
    });
    await callAction(web, request(), {} as never, route("v1.shop.find", safe));
    const meta = expect.objectContaining({ token: "t" });
    expect(answers).toEqual([[meta, { params: { query: { a: "1" } }, meta, requestID: "r1" }]]);
  },
);

test("moleculer-web calls nothing when the gateway does not admit, or when the action is not published", async () => {
  const answers: unknown[] = [];
  const refuse = () => {
    throw new TypeError("not admitted");
  };
  const web = await started({ admit: refuse, answer: (given: unknown) => answers.push(given) });
  await expect(callAction(web, request(), {} as never, route("v1.shop.find"))).rejects.toThrow("not admitted");
  await expect(callAction(web, request(), {} as never, route("v1.shop.hidden"))).rejects.toMatchObject({ code: 404 });
  await expect(callAction(web, request(), {} as never, route("v1.nobody.there"))).rejects.toMatchObject({ code: 503 });
  expect(answers).toEqual([]);
});

test("moleculer-web makes our two routes, keeps their call options, and opens no server and no alias", async () => {
  const web = await started({});
  const routes = Reflect.get(web, "routes") as { name: string; callOptions: object; mappingPolicy: string }[];
  expect(routes.map(({ name, callOptions, mappingPolicy }) => ({ name, callOptions, mappingPolicy }))).toEqual([
    { name: "change", callOptions: { tracking: false }, mappingPolicy: "restrict" },
    { name: "read", callOptions: { tracking: false, retries: 2 }, mappingPolicy: "restrict" },
  ]);
  expect(Reflect.get(web, "server")).toBeUndefined();
  expect(Reflect.get(web, "aliases")).toEqual([]);
});
