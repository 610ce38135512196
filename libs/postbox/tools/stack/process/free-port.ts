import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { PostboxError } from "../../../core/errors/postbox-error.ts";

/**
 * The ports that are given out. They are below the ephemeral ports (from 32768 on Linux, from 49152 elsewhere): any
 * connection could take an ephemeral port between the check and its use.
 */
const range = { first: 20_000, last: 32_000 };

let last = randomInt(range.first, range.last);

/**
 * A port that was free a moment ago, on the loopback address; another one each time.
 *
 * @throws PostboxError `port-taken` when there is none.
 */
export async function freePort(): Promise<number> {
  for (let tries = range.first; tries <= range.last; tries += 1) {
    const port = last === range.last ? range.first : last + 1;
    last = port;
    if (await canListen(port, "127.0.0.1")) return port;
  }
  throw new PostboxError("port-taken", `No port from ${range.first} to ${range.last} is free; end what listens there.`);
}

/** Whether this is one of the ports that are given out, and free now on the loopback address. */
export async function isGivenOut(port: number): Promise<boolean> {
  return Number.isInteger(port) && port >= range.first && port <= range.last && (await canListen(port, "127.0.0.1"));
}

/** Whether a server could listen on this port, on every address. */
export function isFree(port: number): Promise<boolean> {
  return canListen(port);
}

function canListen(port: number, address?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}
