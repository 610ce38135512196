import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import { Type } from "typebox";
import { closeGracefully, openServer } from "../../libs/http/server.ts";
import { action } from "../../libs/moleculer/action.ts";
import { object } from "../../libs/moleculer/object.ts";
import { service } from "../../libs/moleculer/service.ts";
import { rest } from "../../mixins/rest.ts";
import { type StoreFields, store } from "../../mixins/store.ts";
import { setup, type TestStack, until } from "../harness/index.ts";

let stack: TestStack;
beforeEach(async () => {
  stack = await setup();
});
afterEach(() => stack.stop());

/** Answers when the test lets it, with what only an open database can tell. */
function patient(entered: () => void, gate: Promise<void>) {
  return service({
    name: "patient",
    version: 1,
    mixins: [store("emails", () => ({})), rest("patient", { latest: 1 })],
    actions: {
      wait: action({
        rest: "GET /wait",
        access: "public",
        params: object({}),
        response: Type.Integer(),
        async handler(this: StoreFields<Record<never, never>>) {
          entered();
          await gate;
          const { rows } = await this.db.query<{ n: number }>({ text: "select 7 as n" });
          return rows[0]?.n ?? 0;
        },
      }),
    },
  });
}

test("a request under way ends well when the process stops, and no new one is taken", async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { gateway, stop } = await stack.startServices(["gateway", patient(entered.resolve, gate.promise)]);
  const answer = fetch(`${gateway}/patient/wait`);
  await entered.promise;
  const stopped = stop();
  await until(
    () =>
      fetch(`${gateway}/gateway/utils/health`).then(
        () => false,
        () => true,
      ),
    { what: "the door is shut" },
  );
  gate.resolve();
  expect(await (await answer).json()).toBe(7);
  await stopped;
});

/** How many instances of emails may be called. */
function endpoints(broker: ServiceBroker): number {
  const actions: { name: string; endpoints?: unknown[] }[] = broker.registry.getActionList({ withEndpoints: true });
  return actions.find(({ name }) => name === "v1.emails.utils.health")?.endpoints?.length ?? 0;
}

test("rolling restarts of a service under load fail no request", async () => {
  const { gateway, broker } = await stack.startServices(["gateway"]);
  // A node is seen a moment before its services are.
  const seen = (instances: number) => endpoints(broker) === instances;
  let running = await stack.spawnServices(["emails"]);
  const health = () => fetch(`${gateway}/emails/utils/health`);
  await until(async () => (await health()).ok);

  const failed: number[] = [];
  let asked = 0;
  let over = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!over) {
      const { status } = await health();
      asked += 1;
      if (status !== 200) failed.push(status);
    }
  });
  for (let restart = 0; restart < 3; restart += 1) {
    const next = await stack.spawnServices(["emails"]);
    await until(() => seen(2), { what: "the gateway sees both instances" });
    await running.stop();
    await until(() => seen(1), { what: "the old instance is gone" });
    running = next;
  }
  over = true;
  await Promise.all(load);
  expect(failed).toEqual([]);
  expect(asked).toBeGreaterThan(100);
}, 90_000);

test("while one of two instances is frozen, requests that only read are answered by the other", async () => {
  const { gateway, broker } = await stack.startServices(["gateway"]);
  const [frozen] = await Promise.all([stack.spawnServices(["emails"]), stack.spawnServices(["emails"])]);
  await until(() => endpoints(broker) === 2);
  frozen.signal("SIGSTOP");
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${gateway}/emails/utils/health`)));
  frozen.signal("SIGCONT");
  expect(answers.filter(({ status }) => status !== 200)).toHaveLength(0);
});

let server: Server | undefined;
afterEach(() => void server?.close());

/** A server with limits of its own, and a way to send it bytes. */
async function listening(limits?: { headers: number; request: number }) {
  server = openServer((req, res) => req.resume().on("end", () => res.end("done")), limits);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("half-sent requests and idle connections do not hold up a stop beyond the grace time", async () => {
  const port = await listening();
  const half = connect(port, "127.0.0.1").on("error", () => undefined);
  half.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  const idle = request({ port, agent: false, headers: { Connection: "keep-alive" } }).end();
  await once(idle, "response");
  await Promise.all([closeGracefully(server ?? createServer(), 300), once(half, "close")]);
  expect(server?.listening).toBe(false);
});
