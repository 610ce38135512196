import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { action, object, service } from "postbox";
import { rest } from "postbox/mixins";
import { setup, type TestStack } from "postbox/testing";
import { Type } from "typebox";

/** Not only ASCII, so that a length in characters is none in bytes. */
const large = "Grüße, Ada! ".repeat(500);

/** Large still when it is packed. */
const uneven = Array.from({ length: 2_000 }, (_, n) => ((n * 2_654_435_761) % 4_294_967_296).toString(36)).join("");

const library = service({
  name: "library",
  version: 1,
  mixins: [rest("library", { latest: 1 })],
  actions: {
    large: action({
      rest: "GET /large",
      access: "public",
      params: object({}),
      response: Type.String(),
      handler: () => large,
    }),
    small: action({
      rest: "GET /small",
      access: "public",
      params: object({}),
      response: Type.String(),
      handler: () => "a".repeat(1_000),
    }),
    packed: action({
      rest: "GET /packed",
      access: "public",
      params: object({}),
      response: Type.String(),
      handler(ctx) {
        ctx.meta.$responseHeaders = { "Content-Type": "text/plain", "Content-Encoding": "x-base64-gzip" };
        return gzipSync(uneven).toString("base64");
      },
    }),
  },
});

let stack: TestStack;
let gateway: string;
beforeAll(async () => {
  stack = await setup();
  ({ gateway } = await stack.startServices(["gateway", library]));
});
afterAll(() => stack.stop());

/** The answer as it comes: `fetch` would undo its coding. */
async function get(
  path: string,
  accepted?: string,
  method = "GET",
): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  const asked = request(`${gateway}${path}`, {
    method,
    headers: accepted === undefined ? {} : { "Accept-Encoding": accepted },
  }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { headers: answer.headers, body: await buffer(answer) };
}

const decoders = { br: brotliDecompressSync, gzip: gunzipSync };

test.each([
  ["gzip", "gzip"],
  ["br", "br"],
  ["gzip, deflate, br", "br"],
  ["br;q=0.5, gzip", "gzip"],
  ["BR", "br"],
  ["*", "br"],
  ["br;q=0, *", "gzip"],
  ["deflate, gzip;q=0.2", "gzip"],
] as const)("to a client that takes '%s' a large answer is sent as %s, once", async (accepted, coding) => {
  const { headers, body } = await get("/library/large", accepted);
  expect(headers["content-encoding"]).toBe(coding);
  expect(headers.vary).toBe("Accept-Encoding");
  expect(Number(headers["content-length"])).toBe(body.length);
  expect(body.length).toBeLessThan(large.length / 10);
  expect(JSON.parse(decoders[coding](body).toString())).toBe(large);
});

test.each([undefined, "", "identity", "deflate", "gzip;q=0", "gzip;q=0.0, br;q=0", "*;q=0", "identity, gzip;q=0.5"])(
  "to a client that takes '%s' it is sent as it is, and says that it could have been another",
  async (accepted) => {
    const { headers, body } = await get("/library/large", accepted);
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers.vary).toBe("Accept-Encoding");
    expect(Number(headers["content-length"])).toBe(body.length);
    expect(JSON.parse(body.toString())).toBe(large);
  },
);

test("a small answer is never compressed", async () => {
  const { headers, body } = await get("/library/small", "gzip, br");
  expect([headers["content-encoding"], headers.vary, body.length]).toEqual([undefined, undefined, 1_002]);
});

test("what an action has coded itself is not coded again", async () => {
  const { headers, body } = await get("/library/packed", "gzip, br");
  expect(headers["content-encoding"]).toBe("x-base64-gzip");
  expect(body.length).toBeGreaterThan(1_024);
  expect(gunzipSync(Buffer.from(body.toString(), "base64")).toString()).toBe(uneven);
});

test("HEAD tells the coding and length that GET would have, without the body", async () => {
  const asked = await get("/library/large", "gzip");
  const told = await get("/library/large", "gzip", "HEAD");
  expect(told.body.length).toBe(0);
  expect(told.headers["content-length"]).toBe(asked.headers["content-length"]);
  expect(told.headers["content-encoding"]).toBe("gzip");
});

test("a document and the files of its pages are compressed as well", async () => {
  for (const path of ["/library/openapi.json", "/gateway/assets/redoc.js"]) {
    const { headers, body } = await get(path, "br");
    expect(headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(body).length).toBeGreaterThan(body.length);
  }
});
