import { expect, test } from "@jest/globals";
import { clientAddress, clientNetwork } from "./client-address.ts";

test.each([
  ["198.51.100.1", undefined, "198.51.100.1"],
  ["198.51.100.1", "203.0.113.9", "198.51.100.1"],
  ["10.0.0.2", "203.0.113.9", "203.0.113.9"],
  ["::ffff:10.0.0.2", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"],
  ["10.0.0.2", "not an address", "10.0.0.2"],
  ["10.0.0.2", undefined, "10.0.0.2"],
])("a request from %s that says it came from %s is taken to be from %s", (remoteAddress, forwarded, client) => {
  const req = { socket: { remoteAddress }, headers: { "x-forwarded-for": forwarded } };
  expect(clientAddress(["10.0.0.0/8", "fd00::/8"])(req as never)).toBe(client);
});

test("clients of one IPv6 network are one caller", () => {
  expect(clientNetwork("2001:db8:1:2::5")).toBe(clientNetwork("2001:db8:1:2:aaaa:bbbb:cccc:dddd"));
  expect(clientNetwork("2001:db8:1:3::5")).not.toBe(clientNetwork("2001:db8:1:2::5"));
});
