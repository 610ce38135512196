import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Config } from "../../core/configuration/read.ts";

/**
 * Makes the id of this node. Its random part keeps apart containers with the same host name and process id.
 *
 * The id begins with the NATS user of the process, if there is one. The user then is a token of its own in the subjects
 * that the node listens to, so that the server's permissions can say who may listen there.
 */
export function nodeId({ NATS_USER }: Pick<Config, "NATS_USER">, where = hostname()): string {
  const own = `${where.replaceAll(/[^\w-]/g, "-")}-${process.pid}-${randomBytes(4).toString("hex")}`;
  return NATS_USER === undefined ? own : `${NATS_USER}.${own}`;
}
