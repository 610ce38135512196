import { once } from "node:events";
import type { REPLServer } from "node:repl";
import type { Command } from "commander";
import { type CallingOptions, type Middleware, ServiceBroker } from "moleculer";
import { config, configure } from "../../libs/postbox/core/configuration/config.ts";
import { loadEnvFile } from "../../libs/postbox/core/project/env-file.ts";
import { signServiceToken } from "../../libs/postbox/edge/tokens/token.ts";
import { brokerOptions } from "../../libs/postbox/node/broker/broker-options.ts";
import { nodeId } from "../../libs/postbox/node/broker/node-id.ts";
import { ensureStack } from "../../libs/postbox/tools/stack/ensure.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { withProgress } from "../terminal/progress.ts";
import { replCommands } from "./commands.ts";
import { withCompletion } from "./complete.ts";

/** The REPL speaks for itself, by a service token for each call. A token given by `--#token` goes before it. */
const serviceToken = {
  name: "ReplToken",
  call:
    (next: ServiceBroker["call"]) =>
    (action: string, params: unknown, options: CallingOptions = {}) =>
      next(action, params, { ...options, meta: { token: signServiceToken("repl"), ...options.meta } }),
} as unknown as Middleware;

/** Opens the REPL until somebody leaves it; `quit` and Ctrl-D stop the node, and a stack that was started for it. */
export async function open(program: () => Command): Promise<void> {
  loadEnvFile();
  const given = config();
  const named = given.POSTGRES_HOST !== undefined && given.NATS_URL !== undefined;
  const stack = await interruptible((signal) =>
    withProgress("Joining the services", ({ info }) =>
      ensureStack({ config: given, goal: named ? "servers" : "services", report: info, signal }),
    ),
  );
  configure(stack.config);
  let stopped: Promise<void> | undefined;
  const broker = new ServiceBroker({
    ...brokerOptions({ ...stack.config, LOG_LEVEL: "warn" }),
    // Instead of the guards of a node that runs services, and of its metrics: this one only calls.
    middlewares: [serviceToken],
    nodeID: nodeId(stack.config, "repl"),
    replOptions: { customCommands: replCommands(program) },
    // `quit` and the end of the input each stop the broker; whichever comes second must wait for the first.
    stopped: () => {
      stopped ??= stack.stop();
      return stopped;
    },
  });
  await broker.start();
  // Declared as void, it gives the server of `node:repl`.
  const server = broker.repl() as unknown as REPLServer;
  withCompletion(server, program());
  await once(server, "exit");
  await broker.stop();
}
