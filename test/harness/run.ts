import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";

/** What the set-up of a whole run hands to each test, by the environment variable `POSTBOX_TEST_RUN`. */
export interface TestRun {
  /** Folder of the run's Postgres, logs and stores; removed at the end. */
  readonly home: string;
  readonly natsBinary: string;
  readonly postgres: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
}

export const runVariable = "POSTBOX_TEST_RUN";

/** The run that this test belongs to. */
export function currentRun(): TestRun {
  const told = process.env[runVariable];
  if (told === undefined)
    throw new Error("This test needs Postgres and NATS; run it by `npm run jest -- <file>`, which starts them.");
  return JSON.parse(told);
}

/** The database that those of each test are copied from. */
export const templateOf = (service: string) => `template_${service}`;

/** Makes a folder of a test's own in the run's home, which takes it along when it goes. */
export function runFolder(name: string): Promise<string> {
  return mkdtemp(join(currentRun().home, `${name}-`));
}
