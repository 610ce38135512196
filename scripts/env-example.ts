import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { envExample } from "../libs/config/env-example.ts";
import { projectRoot } from "../libs/stack/places.ts";

/** Writes `.env.example`; with `--check` only says whether it is up to date. */
const path = join(projectRoot, ".env.example");

if (!process.argv.includes("--check")) writeFileSync(path, envExample());
else if (readFileSync(path, "utf8") !== envExample()) {
  console.error(".env.example does not match libs/config/variables.ts. Run `npm run env-example` and commit it.");
  process.exitCode = 1;
}
