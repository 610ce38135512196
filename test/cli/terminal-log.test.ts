import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { WriteStream } from "node:tty";
import { expect, test } from "@jest/globals";
import { terminalLog } from "../../cli/dev/terminal-log.ts";

const warning = "[2026-11-27T19:25:58.227Z] WARN  node/BROKER: the disk is nearly full";
const info = "[2026-11-27T19:25:58.227Z] INFO  node/BROKER: started";

/** What is shown of what `write` logs: in a terminal, if the environment of one is given. */
async function shown(
  write: (log: ReturnType<typeof terminalLog>) => void | Promise<void>,
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const stream = new PassThrough();
  const hasColors = () => env !== undefined && WriteStream.prototype.getColorDepth(env) > 1;
  const terminal = Object.assign(stream, { isTTY: env !== undefined, hasColors });
  await write(terminalLog("/project", terminal as unknown as WriteStream));
  stream.end();
  return text(stream);
}

test("levels have colours in a terminal, but not elsewhere nor with NO_COLOR", async () => {
  const warn = (log: ReturnType<typeof terminalLog>) => log.service(warning, "serving");
  expect(await shown(warn, { TERM: "xterm" })).toContain("\u001b[33mWARN\u001b[39m");
  expect(await shown(warn)).toBe(`${warning}\n`);
  expect(await shown(warn, { TERM: "xterm", NO_COLOR: "1" })).toBe(`${warning}\n`);
});

test("a start and a stop show what is wrong alone, and a warning of every start once", async () => {
  const lines = await shown((log) => {
    log.service(info, "starting");
    log.service(warning, "starting");
    log.service(warning.replace("19:25", "19:26"), "starting");
    log.service(info, "serving");
    log.service(info, "stopping");
  });
  expect(lines).toBe(`${warning}\n${info}\n`);
});

test("a stack shows the project's own frames, their paths from its folder", async () => {
  const stack = [
    "TypeError: order is undefined",
    "    at place (file:///project/services/orders/place.ts:12:3)",
    "    at run (/project/libs/postbox/delivery/run.ts:9:1)",
    "    at emit (node:internal/events:3:1)",
    "    at call (file:///project/node_modules/moleculer/src/call.js:5:1)",
  ];
  const lines = await shown((log) => stack.map((line) => log.service(line, "serving")).at(0));
  expect(lines.split("\n")).toEqual([
    "TypeError: order is undefined",
    "    at place (services/orders/place.ts:12:3)",
    "    at run (libs/postbox/delivery/run.ts:9:1)",
    "",
  ]);
});

test("lines wait while a question stands, and come in their order after it", async () => {
  const lines = await shown((log) =>
    log.quietly(async () => {
      log.service(info, "serving");
      log.step("changed: services/orders/models.ts");
    }),
  );
  expect(lines).toBe(`${info}\nchanged: services/orders/models.ts\n`);
});
