import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { folder } from "../home/paths.ts";
import { type Child, startChild } from "../process/child.ts";
import { until } from "../wait/until.ts";

export interface NatsOptions {
  readonly home: string;
  /** Path of the nats-server. */
  readonly binary: string;
  /** Name of its log, record and store folder. Default `nats`. */
  readonly name?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** Path of a configuration file, e.g. with users and permissions, and the variables that it reads. */
  readonly configuration?: { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

/** A running nats-server with JetStream, on the loopback address. */
export interface Nats {
  readonly url: string;
  readonly port: number;
  /** Folder of the JetStream store. */
  readonly store: string;
  readonly process: Child;
}

/**
 * Starts a nats-server; its store lies in `<home>/<name>` and survives it.
 *
 * @throws PostboxError `nats-unavailable`.
 */
export async function startNats({ home, binary, name = "nats", port, configuration }: NatsOptions): Promise<Nats> {
  const store = await folder(home, name, "store");
  await rm(join(home, name, "ports"), { recursive: true, force: true });
  const ports = await folder(home, name, "ports");
  const child = await startChild({
    home,
    name,
    command: binary,
    args: [
      ...(configuration === undefined ? [] : ["--config", configuration.path]),
      ...["--addr", "127.0.0.1", "--port", `${port ?? -1}`],
      ...["--jetstream", "--store_dir", store],
      ...["--ports_file_dir", ports],
    ],
    env: { PATH: "/usr/bin:/bin", ...configuration?.env },
    stopSignal: "SIGTERM",
  });
  const url = await listening(child, ports);
  return { url, port: Number(new URL(url).port), store, process: child };
}

/** A store of many gigabytes takes the server that long to read. */
const startDeadlineMs = 60_000;

/** The server writes a file with its addresses once it takes connections. */
async function listening(child: Child, folder: string): Promise<string> {
  let ending: string | undefined;
  child.ended.then((how) => {
    ending = how;
  });
  const written = join(folder, `nats-server_${child.pid}.ports`);
  try {
    const urlOrEnding = async () => (ending === undefined ? firstUrl(await readFile(written, "utf8")) : "ended");
    const url = await until(urlOrEnding, { deadlineMs: startDeadlineMs });
    if (url !== "ended") return url;
  } catch {
    await child.stop();
  }
  throw new PostboxError(
    "nats-unavailable",
    `The embedded nats-server cannot be started; it ended with ${ending ?? "no address"}:\n${await child.output()}`,
  );
}

function firstUrl(ports: string): string | undefined {
  const { nats }: { nats?: string[] } = JSON.parse(ports);
  return nats?.[0];
}
