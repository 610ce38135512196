import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folder } from "../home/paths.ts";
import { freePort, isGivenOut } from "./free-port.ts";

/**
 * The port that a server of this home listened on at its last start, as long as nobody else has taken the port; otherwise
 * a free one, which is kept from then on. Tools that were told an address once find the server there again.
 *
 * @param name of the server, e.g. `nats`.
 * @throws PostboxError `port-taken` when none is free.
 */
export async function keptPort(home: string, name: string): Promise<number> {
  const file = join(await folder(home, "ports"), name);
  const kept = Number(await readFile(file, "utf8").catch(() => ""));
  if (await isGivenOut(kept)) return kept;
  const port = await freePort();
  await writeFile(file, `${port}`);
  return port;
}
