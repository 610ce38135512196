import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { placeholdersInUse } from "../../libs/postbox/core/configuration/read.ts";
import { misspeltVariables } from "../../libs/postbox/core/project/env-file.ts";
import { type Finding, fault, ok, warning } from "./finding.ts";

const minNode = 24;

/** This process: the Node that runs it. */
export function checkNode(): Finding {
  const found = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return Number.parseInt(process.versions.node, 10) >= minNode
    ? ok("node", found)
    : fault("node", found, `Run npm ci, which brings Node ${minNode}, and start by npm scripts or npx postbox.`);
}

/** The configuration is valid when this runs; here is what is left open in it. */
export function checkConfiguration(config: Config): Finding {
  const left = placeholdersInUse(config);
  const found = `valid, for ${config.ENVIRONMENT}`;
  return left.length === 0
    ? ok("configuration", found)
    : warning(
        "configuration",
        `${found}; ${left.join(", ")} left at the placeholder`,
        "Set them before anybody else can reach it.",
      );
}

/** What `.env` sets to no effect. */
export function checkEnvFile(): Finding[] {
  return misspeltVariables().map(({ name, meant }) =>
    warning(".env", `it sets ${name}, which nothing reads`, `Did you mean ${meant}? Rename it.`),
  );
}
