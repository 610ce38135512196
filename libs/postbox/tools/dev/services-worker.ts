/**
 * The process that `postbox dev` runs the services in: Moleculer's runner, with what a restart beside the last process
 * needs. The process tells when the services are ready. It ends in good order by SIGTERM alone: Ctrl-C reaches every
 * process of a terminal, and whoever started this one decides when to end it.
 *
 * What the runner throws is left uncaught, because Node then shows the file, the line and the code before the error.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type BrokerOptions, Runner, type ServiceBroker } from "moleculer";
import { readiness } from "../../telemetry/readiness.ts";

/** What the process sends once its services are ready. */
export const readyMessage = "ready";

/** Milliseconds between two looks at whether the services are ready. */
const readyEveryMs = 10;

const runner = new Runner();
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  const stopped: Promise<void> = runner.broker?.started ? runner.broker.stop() : Promise.resolve();
  stopped.finally(() => process.exit(0));
});

runner.processFlags(process.argv);
// Declared as void, it gives what the file exports.
const options: unknown = await runner.loadConfigFile();
runner.mergeOptions({ ...(options as BrokerOptions), skipProcessEventRegistration: true });
const broker: ServiceBroker = await runner.startBroker();
while (!(await readiness(broker)).ready) await delay(readyEveryMs);
process.send?.(readyMessage);
