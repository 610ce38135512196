import { expect, test } from "@jest/globals";
import { clientFinder, clientNetwork } from "./client-address.ts";

const unreadable: string[] = [];
const clientOf = clientFinder(["10.0.0.0/8", "fd00::/8"], (proxy, written) => unreadable.push(`${proxy} ${written}`));

/** The client of a request from `remoteAddress` with these headers. */
function find(remoteAddress: string, headers: Readonly<Record<string, string>>) {
  return clientOf({ socket: { remoteAddress }, headers } as never);
}

test.each([
  // Not behind a trusted proxy, the headers are anybody's.
  ["198.51.100.1", "", "198.51.100.1"],
  ["198.51.100.1", "203.0.113.9", "198.51.100.1"],
  ["::ffff:198.51.100.1", "203.0.113.9", "198.51.100.1"],
  ["fe80::1%eth0", "", "fe80::1"],
  // nginx, HAProxy, Envoy, Traefik, Cloudflare, AWS.
  ["10.0.0.2", "203.0.113.9", "203.0.113.9"],
  ["::ffff:10.0.0.2", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"],
  ["fd00::2", "2001:db8::1,fd00::7", "2001:db8::1"],
  ["10.0.0.2", "6.6.6.6 ,203.0.113.9 , , 10.1.1.1", "203.0.113.9"],
  // Azure Application Gateway, AWS with the client's port, IIS.
  ["10.0.0.2", "203.0.113.7:50312", "203.0.113.7"],
  ["10.0.0.2", "[2001:db8::1]:443", "2001:db8::1"],
  ["10.0.0.2", "[2001:db8::1]", "2001:db8::1"],
  ["10.0.0.2", "203.0.113.7:50312, 10.0.0.9:443", "203.0.113.7"],
  // A dual-stack socket, a zone, another spelling.
  ["10.0.0.2", "::ffff:203.0.113.7", "203.0.113.7"],
  ["10.0.0.2", "::ffff:cb00:7107", "203.0.113.7"],
  ["10.0.0.2", "[::ffff:203.0.113.7]:50312, ::ffff:10.0.0.9", "203.0.113.7"],
  ["10.0.0.2", "fe80::9%eth0", "fe80::9"],
  ["10.0.0.2", "[fe80::9%25eth0]:80", "fe80::9"],
  ["10.0.0.2", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  // The proxy itself calls, or another one does.
  ["10.0.0.2", "", "10.0.0.2"],
  ["10.0.0.2", " , ", "10.0.0.2"],
  ["10.0.0.2", "10.0.0.9, 10.1.1.1", "10.0.0.9"],
])("a request from %s with the X-Forwarded-For '%s' is from %s", (peer, header, client) => {
  expect(find(peer, { "x-forwarded-for": header })).toEqual({ address: client, network: clientNetwork(client) });
});

test.each([
  ["for=203.0.113.9", "203.0.113.9"],
  ["for=203.0.113.9;proto=https;by=10.0.0.2", "203.0.113.9"],
  ['proto=https; For="203.0.113.9:47011"', "203.0.113.9"],
  ['for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
  ['for="[2001:db8:cafe::17]:_port"', "2001:db8:cafe::17"],
  ["for=[2001:db8::1]:4711", "2001:db8::1"],
  ['for="\\2\\03.0.113.9"', "203.0.113.9"],
  ['for=6.6.6.6, for=203.0.113.9;host="a, for=7.7.7.7", for="10.1.1.1:80"', "203.0.113.9"],
  // What a client sent before does not change how the proxy's element is read.
  ['for=6.6.6.6;host=", for=203.0.113.9', "203.0.113.9"],
  ["nonsense, for=203.0.113.9", "203.0.113.9"],
])("a request of a trusted proxy with the Forwarded '%s' is from %s", (forwarded, client) => {
  expect(find("10.0.0.2", { forwarded })).toMatchObject({ address: client });
});

test("X-Forwarded-For is believed before Forwarded, which most proxies hand on as clients send it", () => {
  const both = { "x-forwarded-for": "203.0.113.9", forwarded: "for=6.6.6.6" };
  expect(find("10.0.0.2", both).address).toBe("203.0.113.9");
  expect(find("10.0.0.2", { ...both, "x-forwarded-for": "" }).address).toBe("6.6.6.6");
});

test.each([
  ["x-forwarded-for", "unknown", "10.0.0.2 unknown"],
  ["x-forwarded-for", "_hidden", "10.0.0.2 _hidden"],
  ["x-forwarded-for", "203.0.113.9, unix:", "10.0.0.2 unix:"],
  ["x-forwarded-for", "203.0.113.9, not an address, 10.1.1.1", "10.1.1.1 not an address"],
  ["x-forwarded-for", "203.0.113.256", "10.0.0.2 203.0.113.256"],
  ["x-forwarded-for", "203.0.113.9:", "10.0.0.2 203.0.113.9:"],
  ["x-forwarded-for", "[2001:db8::1", "10.0.0.2 [2001:db8::1"],
  ["x-forwarded-for", "203.0.113.9%eth0", "10.0.0.2 203.0.113.9%eth0"],
  ["forwarded", "for=unknown", "10.0.0.2 for=unknown"],
  ["forwarded", "for=203.0.113.9, for=_secret;proto=https", "10.0.0.2 for=_secret;proto=https"],
  ["forwarded", "proto=https", "10.0.0.2 proto=https"],
  ["forwarded", "for=203.0.113.9;for=6.6.6.6", "10.0.0.2 for=203.0.113.9;for=6.6.6.6"],
  ["forwarded", 'for="203.0.113.9', '10.0.0.2 for="203.0.113.9'],
  ["forwarded", "203.0.113.9", "10.0.0.2 203.0.113.9"],
])(
  "what a proxy writes as %s: %s has no address, is counted as nobody else is, and is reported",
  (name, value, told) => {
    const { address, network } = find("10.0.0.2", { [name]: value });
    expect(address).toBeUndefined();
    expect(network).toBe(`unreadable ${told.split(" ")[0]}`);
    expect(unreadable.at(-1)).toBe(told);
  },
);

test("clients of one IPv6 network are one caller, however their addresses are written", () => {
  expect(clientNetwork("2001:db8:1:2::5")).toBe(clientNetwork("2001:DB8:0001:2:aaaa:bbbb:cccc:dddd"));
  expect(clientNetwork("2001:db8:1:3::5")).not.toBe(clientNetwork("2001:db8:1:2::5"));
  expect(clientNetwork("::ffff:203.0.113.7")).not.toBe(clientNetwork("::ffff:203.0.113.8"));
});
