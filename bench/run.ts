import { access } from "node:fs/promises";
import { join } from "node:path";

/** What a benchmark takes from the command line. */
export interface BenchOptions {
  /** Print one line of JSON instead of a table. */
  readonly json: boolean;
  /** All arguments behind the name, `--json` included. */
  readonly args: readonly string[];
}

const names = ["pipeline", "history", "latency", "memory", "gateway", "identity"];
const given = process.argv.slice(2);
// Without a name it is the pipeline: how fast events go their way is what most want to know.
const [name = "", ...args] = given[0]?.startsWith("--") === false ? given : ["pipeline", ...given];
const file = join(import.meta.dirname, name, "main.ts");
if (
  !names.includes(name) ||
  (await access(file).then(
    () => false,
    () => true,
  ))
) {
  console.error(`There is no benchmark '${name}'; use: npm run bench -- ${names.join(" | ")} [--json]`);
  process.exit(2);
}
const { main }: { main: (options: BenchOptions) => Promise<void> } = await import(file);
await main({ json: args.includes("--json"), args });
