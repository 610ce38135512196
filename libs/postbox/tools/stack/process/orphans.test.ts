import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { identify } from "./identity.ts";
import { endOrphans } from "./orphans.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "postbox-orphans-"));
});

afterEach(() => rm(home, { recursive: true, force: true }));

test("an unrelated process that was given the id of a dead child is left alone", async () => {
  const unrelated = spawn("sleep", ["60"]);
  await once(unrelated, "spawn");
  const pid = unrelated.pid ?? 0;
  await mkdir(join(home, "processes"));
  const record = { pid, startedAt: "1", name: "postgres", stopSignal: "SIGKILL" };
  await writeFile(join(home, "processes", "postgres.json"), JSON.stringify(record));
  try {
    expect(await endOrphans(home)).toEqual([]);
    expect(await identify(pid)).toMatchObject({ pid });
  } finally {
    unrelated.kill("SIGKILL");
  }
});
