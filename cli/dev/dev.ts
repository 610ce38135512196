import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { type Config, placeholderWarning, readConfig } from "../../libs/postbox/core/configuration/read.ts";
import { reasonOf } from "../../libs/postbox/core/errors/reason.ts";
import { misspeltVariables } from "../../libs/postbox/core/project/env-file.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { databaseVariable, servicesIn } from "../../libs/postbox/core/project/service-names.ts";
import { collectChanges } from "../../libs/postbox/tools/dev/changes.ts";
import { changedLasting, environmentWithFile, lasting } from "../../libs/postbox/tools/dev/environment.ts";
import { keepServing } from "../../libs/postbox/tools/dev/keep-serving.ts";
import { offerMigrations } from "../../libs/postbox/tools/dev/offer-migrations.ts";
import { startServices } from "../../libs/postbox/tools/dev/services-process.ts";
import { waitingMigrations } from "../../libs/postbox/tools/dev/waiting-migrations.ts";
import { watchSources } from "../../libs/postbox/tools/dev/watch-sources.ts";
import { checkPorts } from "../../libs/postbox/tools/stack/check-ports.ts";
import { folder, homeFolder } from "../../libs/postbox/tools/stack/home/paths.ts";
import { removeStackFile, stackAddresses, writeStackFile } from "../../libs/postbox/tools/stack/stack-file.ts";
import { summary } from "../../libs/postbox/tools/stack/summary.ts";
import { type Supervised, supervise } from "../../libs/postbox/tools/stack/supervise.ts";
import { Interrupted, interruptible } from "../terminal/interruptible.ts";
import { applyMigrations } from "./apply-migrations.ts";
import { askInTerminal } from "./ask.ts";
import { type TerminalLog, terminalLog } from "./terminal-log.ts";

/** Processes of services side by side: one that ends its work, one that serves, one that starts. */
const sideBySide = 3;

interface Dev {
  readonly root: string;
  readonly log: TerminalLog;
  /** Applies migrations without a question. */
  readonly yes: boolean;
  readonly signal: AbortSignal;
  /** The environment over `.env` as that file is now. */
  readonly environment: () => NodeJS.ProcessEnv;
}

/** Runs everything until Ctrl-C, and the services anew at each save. */
export async function dev({ yes = false }: { readonly yes?: boolean }): Promise<void> {
  const root = projectRoot();
  const log = terminalLog(root, process.stdout);
  const given = { ...process.env };
  const environment = () => environmentWithFile(root, given);
  try {
    await interruptible((signal) => run({ root, log, yes, signal, environment }));
  } catch (error) {
    // A Ctrl-C is how this command ends.
    if (!(error instanceof Interrupted)) throw error;
  }
  log.step("stopped");
}

async function run(dev: Dev): Promise<void> {
  const { log, signal } = dev;
  const config = readConfig(dev.environment());
  for (const warning of warnings(config)) log.step(`warning: ${warning}`);
  const stack = await supervise({ config, goal: "databases", processes: sideBySide, report: log.step, signal });
  try {
    await checkPorts(config);
    await writeStackFile(homeFolder(config.POSTBOX_HOME), stack.addresses);
    log.step(`${await summary(stack)}\n`);
    log.step("Ctrl-C stops everything. Types are not checked here: npm run check.");
    const broken = new AbortController();
    const work = serve({ ...dev, signal: AbortSignal.any([signal, broken.signal]) }, stack);
    const ending = await Promise.race([stack.broken, work]);
    if (ending === undefined) return;
    broken.abort();
    await work;
    throw new Error(`A server ended by itself, ${ending}; the rest was stopped. Start again; data are kept.`);
  } finally {
    await removeStackFile(homeFolder(config.POSTBOX_HOME));
    await stack.stop();
  }
}

/** Keeps the services running on a stack. */
async function serve(dev: Dev, stack: Supervised): Promise<void> {
  const { root, log, signal } = dev;
  const known: Readonly<Record<string, string>> = environmentOf(stack.config);
  const fixed = Object.fromEntries(lasting.map((name) => [name, known[name]]));
  const environment = () => ({ ...dev.environment(), ...fixed });
  const logFile = await openLog(stack.config);
  const changes = collectChanges();
  const unwatch = await watchSources(root, changes.add);
  try {
    await keepServing({
      start: () =>
        startServices({
          root,
          env: environment(),
          line: (text, phase) => {
            logFile.write(`${text}\n`);
            log.service(text, phase);
          },
        }),
      prepare: prepareWith(dev, stack.config, environment),
      changes,
      report: log.step,
      signal,
    });
  } finally {
    unwatch();
    logFile.end();
  }
}

/**
 * What changed paths ask for before the services start again: variables told of, new services, migrations.
 *
 * @param environment of the services.
 */
function prepareWith(
  { root, log, yes, signal, environment: ofFile }: Dev,
  config: Config,
  environment: () => NodeJS.ProcessEnv,
): (paths: readonly string[]) => Promise<void> {
  const report = log.step;
  const ask = askInTerminal(log, signal);
  let variables = ofFile();
  let services = servicesIn(root);
  const prepare = async (paths: readonly string[]) => {
    const [variablesBefore, servicesBefore] = [variables, services];
    variables = ofFile();
    services = servicesIn(root);
    for (const name of changedLasting(variablesBefore, variables))
      report(`${name} takes effect at the next start of this command.`);
    for (const name of services.filter((name) => !servicesBefore.includes(name))) report(`new service: ${name}`);
    const databases = withDatabases(config, services, variables);
    if (services.join() !== servicesBefore.join())
      await writeStackFile(homeFolder(config.POSTBOX_HOME), stackAddresses(databases, services));
    if (!paths.some((path) => path.startsWith("migrations/"))) return;
    await offerMigrations({
      waiting: await waitingMigrations(databases, services),
      yes,
      ask,
      apply: (names) => applyMigrations(names, environment(), report),
      report,
    });
  };
  return (paths) => prepare(paths).catch((error) => report(reasonOf(error)));
}

/** The configuration with the database of each service: a new one was no variable yet when this process began. */
function withDatabases(config: Config, services: readonly string[], env: NodeJS.ProcessEnv): Config {
  const names = services.map((service) => [databaseVariable(service), env[databaseVariable(service)] || service]);
  return { ...config, ...Object.fromEntries(names) };
}

function warnings(config: Config): string[] {
  const misspelt = misspeltVariables().map(
    ({ name, meant }) => `.env sets ${name}, which nothing reads. Did you mean ${meant}?`,
  );
  return [placeholderWarning(config), ...misspelt].filter((one) => one !== undefined);
}

async function openLog({ POSTBOX_HOME }: Config): Promise<WriteStream> {
  return createWriteStream(join(await folder(homeFolder(POSTBOX_HOME), "logs"), "services.log"));
}
