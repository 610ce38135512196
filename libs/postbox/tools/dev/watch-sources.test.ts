import { mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { runFolder } from "../../../../test/harness/run.ts";
import { until } from "../stack/wait/until.ts";
import { watchSources } from "./watch-sources.ts";

let root: string;
let changed: string[][];
let unwatch: () => void;

beforeEach(async () => {
  root = await runFolder("sources");
  await write("services/orders/orders.service.ts", "one");
  changed = [];
  unwatch = await watchSources(root, (paths) => changed.push([...paths]));
});

afterEach(async () => {
  unwatch();
  await rm(root, { recursive: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** As many editors save: a new file takes the place of the old one. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(join(root, "written"), text);
  await rename(join(root, "written"), join(root, path));
}

const told = (path: string) => until(() => changed.flat().includes(path), { what: `${path} is told of` });

test("a file that was replaced is told of at each later save too", async () => {
  const path = "services/orders/orders.service.ts";
  for (const text of ["two", "three", "four"]) {
    changed = [];
    await replace(path, text);
    await told(path);
  }
  changed = [];
  await write(path, "five");
  await told(path);
});

test("files of new folders, and folders of the project that come later, are told of", async () => {
  await write("services/stock/api/v1/actions.ts", "one");
  await told("services/stock/api/v1/actions.ts");
  await write("migrations/stock/0001_first.ts", "one");
  await told("migrations/stock/0001_first.ts");
  changed = [];
  await write("services/stock/api/v1/actions.ts", "two");
  await told("services/stock/api/v1/actions.ts");
  await rm(join(root, "services/stock"), { recursive: true });
  await write(".env", "PORT=1");
  await told(".env");
});

test("a touch without a change, tests, scripts and files of editors are not told of", async () => {
  await utimes(join(root, "services/orders/orders.service.ts"), new Date(), new Date());
  for (const name of ["orders.test.ts", ".orders.service.ts.swp", "orders.service.ts~", "run.sh", "README.md"])
    await write(`services/orders/${name}`, "one");
  await write("services/orders/models.ts", "one");
  await told("services/orders/models.ts");
  expect(changed).toEqual([["services/orders/models.ts"]]);
});
