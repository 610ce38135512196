import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { closeGracefully, openServer } from "./server.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

async function listening() {
  server = openServer({
    handle: (req, res) => req.resume().on("end", () => res.end("done")),
    refuse: (_req, res) => res.destroy(),
  });
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
