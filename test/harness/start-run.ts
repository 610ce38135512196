import { globSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { migrate } from "../../libs/postbox/tools/migrations/running/migrate.ts";
import { natsBinary } from "../../libs/postbox/tools/stack/nats/binary.ts";
import { startPostgres } from "../../libs/postbox/tools/stack/postgres/postgres.ts";
import { identify, isAlive } from "../../libs/postbox/tools/stack/process/identity.ts";
import { endOrphans } from "../../libs/postbox/tools/stack/process/orphans.ts";
import { runVariable, type TestRun, templateOf } from "./run.ts";
import { parentOfRunHome, parentsOfRunHomes } from "./run-home.ts";

const homePrefix = "postbox-test-";
const ownerFile = "owner.json";

/** Connections for a few test workers, each with all services, some of them in processes of their own. */
const maxConnections = 600;

/** Starts one Postgres for the whole run and builds the databases that each test copies. */
export async function startRun(): Promise<void> {
  await removeLeftOvers();
  const home = await mkdtemp(join(await parentOfRunHome(), homePrefix));
  await chmod(home, 0o755);
  // For the processes that tests start by the hundred: compiling is half of the work of their start.
  process.env.NODE_COMPILE_CACHE = join(home, "compiled");
  await writeFile(join(home, ownerFile), JSON.stringify(await identify(process.pid)));
  const report = (line: string) => process.stderr.write(`${line}\n`);
  const binary = await natsBinary({ given: process.env.NATS_SERVER_BIN, report });
  const server = await startPostgres({ home, maxConnections, durable: false });
  const { host, port, user, password } = server;
  const postgres = { host, port, user, password };
  const silent = { info() {}, warn() {} };
  await Promise.all(
    serviceNames().map((service) =>
      migrate(service, { ...postgres, database: templateOf(service) }, { direction: "up", logger: silent }),
    ),
  );
  process.env[runVariable] = JSON.stringify({ home, natsBinary: binary, postgres } satisfies TestRun);
  stopRun = async () => {
    await server.process.stop();
    await endOrphans(home);
    await removeHome(home);
  };
}

let stopRun: () => Promise<void> = async () => undefined;

/** Ends what `startRun` began. */
export function endRun(): Promise<void> {
  return stopRun();
}

/** A run that was killed leaves its servers behind; the next one ends them. */
async function removeLeftOvers(): Promise<void> {
  for (const home of globSync(parentsOfRunHomes.map((place) => join(place, `${homePrefix}*`)))) {
    const owner = await readFile(join(home, ownerFile), "utf8").catch(() => undefined);
    if (owner === undefined || (await isAlive(JSON.parse(owner)))) continue;
    await endOrphans(home);
    await removeHome(home);
  }
}

function removeHome(home: string): Promise<void> {
  return rm(home, { recursive: true, force: true, maxRetries: 5 });
}
