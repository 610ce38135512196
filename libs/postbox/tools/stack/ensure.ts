import type { Config } from "../../core/configuration/read.ts";
import { errorCode } from "../../core/errors/postbox-error.ts";
import { homeFolder } from "./home/paths.ts";
import { homeHolder } from "./home-lock.ts";
import { runningStack, type StackAddresses } from "./stack-file.ts";
import { type Goal, supervise } from "./supervise.ts";
import { abortable } from "./wait/abortable.ts";
import { until } from "./wait/until.ts";

export interface EnsureOptions {
  readonly config: Config;
  /** What the caller needs; what runs already is taken as it is. */
  readonly goal: Goal;
  /** Hears a line for each step of a start. */
  readonly report: (line: string) => void;
  /** Aborts the search and the start; what has been started by then is stopped. */
  readonly signal?: AbortSignal;
}

export interface EnsuredStack {
  /** The given configuration with the addresses and credentials of what runs. */
  readonly config: Config;
  /** URL of the gateway, if services were asked for. */
  readonly gateway: string;
  /** Stops what was started for the caller; a stack that ran before goes on running. */
  stop(): Promise<void>;
}

/** Milliseconds to wait for a stack that somebody else is starting at this moment. */
const maxWaitMs = 60_000;

/**
 * Finds the stack that a tool works with: servers that the configuration names, else the running stack, else one that
 * is started for the tool and stopped after it.
 *
 * @throws PostboxError as `supervise` does.
 */
export async function ensureStack(options: EnsureOptions): Promise<EnsuredStack> {
  const { config, goal, signal } = options;
  const nothing = async () => undefined;
  const named = config.POSTGRES_HOST !== undefined && config.NATS_URL !== undefined;
  if (named && goal !== "services") return { config, gateway: "", stop: nothing };
  for (;;) {
    const running = await abortable(signal)(findRunning(homeFolder(config.POSTBOX_HOME)));
    if (running) return { config: reaching(config, running), gateway: running.gateway, stop: nothing };
    try {
      const { config: reached, addresses, stop } = await supervise(options);
      return { config: reached, gateway: addresses.gateway, stop };
    } catch (error) {
      // Another tool saw none either and was quicker: its stack is waited for.
      if (errorCode(error) !== "stack-running") throw error;
    }
  }
}

async function findRunning(home: string): Promise<StackAddresses | undefined> {
  const settled = async () => {
    const running = await runningStack(home);
    return running || !(await homeHolder(home)) ? { running } : undefined;
  };
  return (await until(settled, { deadlineMs: maxWaitMs, what: `the stack in ${home} is ready` })).running;
}

/** A server that the configuration names goes before that of the running stack. */
function reaching(config: Config, { nats, postgres }: StackAddresses): Config {
  const server = new URL(Object.values(postgres)[0] ?? "");
  return {
    ...config,
    NATS_URL: config.NATS_URL ?? nats,
    ...(config.POSTGRES_HOST === undefined && {
      POSTGRES_HOST: server.hostname,
      POSTGRES_PORT: Number(server.port),
      POSTGRES_USER: decodeURIComponent(server.username),
      POSTGRES_PASSWORD: decodeURIComponent(server.password),
    }),
  };
}
