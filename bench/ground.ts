import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats";
import { readConfig } from "../libs/postbox/core/configuration/read.ts";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { startStack } from "../libs/postbox/tools/stack/stack.ts";
import type { Ground } from "./pipeline/workload.ts";

/** Starts a Postgres and a NATS for one benchmark, as durable as those of `start`, and removes them afterwards. */
export async function onGround<T>(events: number, work: (ground: Ground) => Promise<T>): Promise<T> {
  await loadProject();
  const home = await mkdtemp(join(tmpdir(), "postbox-bench-"));
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const { config, stop } = await startStack({ home, config: readConfig(process.env), durable: true, report });
  const nats = await connect({ servers: config.NATS_URL ?? "" });
  try {
    return await work({ config, nats, events });
  } finally {
    await nats.close();
    await stop();
    await rm(home, { recursive: true, force: true });
  }
}
