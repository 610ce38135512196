import { config } from "../../libs/postbox/core/configuration/config.ts";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { redactedUrl } from "../../libs/postbox/core/network/redacted-url.ts";
import { loadEnvFile } from "../../libs/postbox/core/project/env-file.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { databaseOptions } from "../../libs/postbox/postgres/connection/database-options.ts";
import { ensureStack } from "../../libs/postbox/tools/stack/ensure.ts";
import { abortable } from "../../libs/postbox/tools/stack/wait/abortable.ts";
import { Verdict } from "../run.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { withProgress } from "../terminal/progress.ts";
import { printJson, printTable } from "../terminal/table.ts";
import { checkDatabase } from "./database.ts";
import { checkDelivery } from "./delivery.ts";
import { type Finding, finding, ok } from "./finding.ts";
import { checkJobs } from "./jobs.ts";
import { checkKeys } from "./keys.ts";
import { checkNats } from "./nats.ts";
import { checkNodes } from "./nodes.ts";
import { checkPostgres } from "./postgres.ts";
import { checkProcesses } from "./processes.ts";
import { checkConfiguration, checkEnvFile, checkNode } from "./runtime.ts";

export async function diagnose({ json }: { readonly json?: boolean }): Promise<void> {
  const findings = await interruptible((signal) =>
    withProgress("Looking at everything", ({ info }) => examine(info, signal)),
  );
  if (json) printJson(findings);
  else
    printTable(
      ["", "check", "found", "what to do"],
      findings.map(({ state, check, found, remedy }) => [marks[state], check, found, remedy]),
    );
  const faults = findings.filter(({ state }) => state === "fault");
  if (faults.length > 0) throw new Verdict(`${faults.length} of ${findings.length} checks found a fault.`);
}

const marks = { ok: "ok", warning: "look", fault: "FAULT" } as const;

async function examine(report: (line: string) => void, signal: AbortSignal): Promise<Finding[]> {
  const facts = [checkNode(), ...checkEnvFile()];
  let given: Config | undefined;
  const read = await finding("configuration", "Mend the variables that are named.", async () => {
    loadEnvFile();
    given = config();
    return checkConfiguration(given);
  });
  if (!given) return [...facts, read];
  return [...facts, read, ...(await checkProcesses(given)), ...(await examineStack(given, report, signal))];
}

async function examineStack(given: Config, report: (line: string) => void, signal: AbortSignal): Promise<Finding[]> {
  let stack: Awaited<ReturnType<typeof ensureStack>> | undefined;
  const stood = await finding("stack", "Do what it says, then look again.", async () => {
    stack = await ensureStack({ config: given, goal: "servers", report, signal });
    return ok(
      "stack",
      `works with Postgres at ${stack.config.POSTGRES_HOST}:${stack.config.POSTGRES_PORT}, NATS at ${redactedUrl(stack.config.NATS_URL ?? "")}`,
    );
  });
  if (!stack) {
    signal.throwIfAborted();
    return [stood];
  }
  const { config: reached, stop } = stack;
  try {
    return [stood, ...(await abortable(signal)(examineServers(reached)))];
  } finally {
    await stop();
  }
}

async function examineServers(reached: Config): Promise<Finding[]> {
  const postgres = await checkPostgres(reached);
  const answers = postgres[0]?.state !== "fault";
  const nats = await checkNats(reached);
  const nodes = nats[0]?.state === "fault" ? undefined : await checkNodes(reached);
  const databases = serviceNames().flatMap((service) => [
    checkDatabase(reached, service),
    checkDelivery(service, databaseOptions(reached, service)),
    checkKeys(service, databaseOptions(reached, service)),
    checkJobs(service, databaseOptions(reached, service), nodes?.isRunning ?? false),
  ]);
  return [...postgres, ...(answers ? await Promise.all(databases) : []), ...nats, ...(nodes ? [nodes.finding] : [])];
}
