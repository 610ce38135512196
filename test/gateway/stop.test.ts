import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { action, object, service } from "postbox";
import { rest, type StoreFields, store } from "postbox/mixins";
import { setup, type TestStack, until } from "postbox/testing";
import { Type } from "typebox";
import { closeGracefully, openServer } from "../../libs/postbox/edge/server/server.ts";

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

let server: Server | undefined;
afterEach(() => void server?.close());

async function listening() {
  server = openServer((req, res) => req.resume().on("end", () => res.end("done")));
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
