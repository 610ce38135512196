import { networkInterfaces } from "node:os";
import { expect, test } from "@jest/globals";
import { setup } from "postbox/testing";

/** An address of this machine that is not 127.0.0.1; Linux takes all that begin so for its own. */
const other =
  process.platform === "linux"
    ? "127.0.0.2"
    : Object.values(networkInterfaces())
        .flat()
        .find((one) => one?.family === "IPv4" && one.address !== "127.0.0.1")?.address;

/** Starts a gateway; whether it and its metrics are reached at 127.0.0.1, and at the other address. */
async function reached(env: Readonly<Record<string, string>>) {
  await using stack = await setup({ env });
  const { gateway, metrics } = await stack.startServices(["gateway"]);
  const paths = [`${gateway}/gateway/utils/health`, `${metrics}/health/live`];
  const answers = (url: string) =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  return {
    loopback: await Promise.all(paths.map(answers)),
    other: await Promise.all(paths.map((url) => answers(url.replace("127.0.0.1", `${other}`)))),
  };
}

test("in local, gateway and metrics are reached from this machine alone", async () => {
  expect(await reached({})).toEqual({ loopback: [true, true], other: [false, false] });
});

test.each([
  { ENVIRONMENT: "staging", TOKEN_SECRET: "a key for this test, of 32 bytes and more" },
  { LISTEN_ADDRESS: "0.0.0.0", TOKEN_SECRET: "a key of this test" },
])("with %j they are reached at all addresses", async (env) => {
  expect(await reached(env)).toEqual({ loopback: [true, true], other: [true, true] });
});

test("an address that this machine does not have is named together with the variable", async () => {
  await expect(reached({ LISTEN_ADDRESS: "203.0.113.1", TOKEN_SECRET: "a key of this test" })).rejects.toMatchObject({
    type: "configuration-invalid",
    message: "LISTEN_ADDRESS is 203.0.113.1, which is no address of this machine; set it to one of its own.",
  });
});
