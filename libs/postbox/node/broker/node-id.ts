import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Config } from "../../core/configuration/read.ts";

/**
 * A node's name, which no other node has: two containers can share a host name and a process id.
 *
 * Where the process has a NATS user, the name begins with it, as a step of its own in the subjects of what is sent to
 * the node: so the server's permissions can say who may listen to that.
 */
export function nodeId({ NATS_USER }: Pick<Config, "NATS_USER">, where = hostname()): string {
  const own = `${where.replaceAll(/[^\w-]/g, "-")}-${process.pid}-${randomBytes(4).toString("hex")}`;
  return NATS_USER === undefined ? own : `${NATS_USER}.${own}`;
}
