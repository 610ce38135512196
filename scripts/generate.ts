import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadProject } from "../libs/postbox/core/configuration/config.ts";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { serverConfiguration } from "../libs/postbox/tools/nats-conf/server-configuration.ts";
import { envExample } from "../libs/postbox/tools/reference/env-example.ts";
import { errorReference } from "../libs/postbox/tools/reference/errors.ts";

await loadProject();

/** Writes the files that are made from the code; with `--check` only says whether they are up to date. */
const made: Record<string, () => string> = {
  ".env.example": envExample,
  "deploy/nats/nats.conf": serverConfiguration,
  "docs/reference/errors.md": errorReference,
};

for (const [name, text] of Object.entries(made)) {
  const path = join(projectRoot(), name);
  if (!process.argv.includes("--check")) writeFileSync(path, text());
  else if (readFileSync(path, "utf8") !== text()) {
    console.error(`${name} does not match the code it is made from. Run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}
