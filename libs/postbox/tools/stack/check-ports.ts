import type { Config } from "../../core/configuration/read.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { isFree } from "./process/free-port.ts";

/** @throws PostboxError `port-taken` unless the services can listen on PORT and METRICS_PORT. */
export async function checkPorts({ PORT, METRICS_PORT }: Config): Promise<void> {
  if (PORT === METRICS_PORT)
    throw new PostboxError("port-taken", `PORT and METRICS_PORT are both ${PORT}. Set one of them to another port.`);
  for (const [variable, port] of Object.entries({ PORT, METRICS_PORT }))
    if (!(await isFree(port)))
      throw new PostboxError("port-taken", `Port ${port} is taken. Free it, or set ${variable} to another port.`);
}
