import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLineReference } from "../cli/reference.ts";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { composeEnvExample } from "../libs/postbox/tools/compose/compose-env-example.ts";
import { composeFile } from "../libs/postbox/tools/compose/compose-file.ts";
import { serverConfiguration } from "../libs/postbox/tools/nats-conf/server-configuration.ts";
import { configurationReference } from "../libs/postbox/tools/reference/configuration.ts";
import { envExample } from "../libs/postbox/tools/reference/env-example.ts";
import { errorReference } from "../libs/postbox/tools/reference/errors.ts";
import type { generatedFiles } from "../libs/postbox/tools/reference/generated-files.ts";
import { metricsReference } from "../libs/postbox/tools/reference/metrics.ts";

await loadProject();

/** Writes the files that are made from the code; with `--check` only says whether they are up to date. */
const made: Record<(typeof generatedFiles)[number], () => string | Promise<string>> = {
  ".env.example": envExample,
  "deploy/compose.env.example": composeEnvExample,
  "deploy/nats/nats.conf": serverConfiguration,
  "docker-compose.yml": composeFile,
  "docs/reference/command-line.md": commandLineReference,
  "docs/reference/configuration.md": configurationReference,
  "docs/reference/errors.md": errorReference,
  "docs/reference/metrics.md": metricsReference,
};

for (const [name, make] of Object.entries(made)) {
  const path = join(projectRoot(), name);
  const text = await make();
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${name} does not match the code it is made from. Run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}
