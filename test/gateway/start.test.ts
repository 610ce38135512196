import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { configure } from "postbox";
import { setup, type TestStack } from "postbox/testing";

let stack: TestStack;

beforeEach(async () => {
  stack = await setup();
});
afterEach(() => stack.stop());

test.each([{}, { access: "everybody" }, { rest: "GET /" }, { rest: "GET /", access: true }])(
  "a service with an action that declares %j does not start",
  async (declared) => {
    const open = { name: "open", version: 1, actions: { see: { ...declared, handler: () => 1 } } };
    await expect(stack.startServices([open as never])).rejects.toMatchObject({
      type: "action-undeclared",
      message: expect.stringContaining("'v1.open.see'"),
    });
  },
);

test("a port that is taken stops the start with the port and the variable", async () => {
  const other = createServer().listen(0);
  const { port } = other.address() as AddressInfo;
  configure({ ...stack.config, PORT: port });
  await expect(stack.startServices(["gateway"])).rejects.toMatchObject({
    type: "port-taken",
    message: `Port ${port} cannot be had; end what listens there, or set PORT to another port.`,
  });
  other.close();
});
