import { parseArgs } from "node:util";
import Table from "cli-table3";
import { configure } from "../../libs/postbox/core/configuration/config.ts";
import { environmentOf } from "../../libs/postbox/core/configuration/environment.ts";
import { signAccessToken } from "../../libs/postbox/edge/tokens/token.ts";
import { freePort } from "../../libs/postbox/tools/stack/process/free-port.ts";
import { migrateAll } from "../../libs/postbox/tools/stack/stack.ts";
import { onGround } from "../ground.ts";
import { median } from "../median.ts";
import type { BenchOptions } from "../run.ts";
import { load, type Measured } from "./load.ts";
import { besideSlowClients, end, type Subject, serve, startSlowClients, subjects } from "./subjects.ts";

interface Row extends Measured {
  readonly subject: string;
}

/**
 * `npm run bench -- gateway [--json] [--seconds 5] [--runs 3]`: the same authorised GET on each subject, one process
 * each, in turns; medians, and ratios within this run. With `--slow-clients 1000`, Postbox alone and beside that many.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: {
      seconds: { type: "string", default: "5" },
      runs: { type: "string", default: "3" },
      "slow-clients": { type: "string" },
    },
  });
  const slow = values["slow-clients"];
  const compared = slow === undefined ? subjects : besideSlowClients(Number(slow));
  const measured = new Map<Subject, Measured[]>(compared.map((subject) => [subject, []]));
  await onGround(0, async ({ config }) => {
    configure(config);
    await migrateAll(config, (line) => void process.stderr.write(`${line}\n`));
    const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
    const env = environmentOf({ ...config, PORT: port, METRICS_PORT: metricsPort });
    for (let run = 1; run <= Number(values.runs); run++)
      for (const subject of compared) {
        const { url, child } = await serve(subject, { ...env, LOG_LEVEL: "warn" });
        // Made now: with no auth to ask, a gateway does not believe a token from before its start.
        const { token } = signAccessToken({
          user_id: "0193b5a4-7c1e-7b3a-9d52-6f1a2b3c4d5e",
          role: "user",
          verified: true,
        });
        const slowClients = subject.slowClients && (await startSlowClients(url, subject.slowClients));
        await load(url, token, 2);
        const figures = await load(url, token, Number(values.seconds));
        if (slowClients) await end(slowClients);
        await end(child);
        measured.get(subject)?.push(figures);
        process.stderr.write(`run ${run}: ${subject.name}: ${figures.per_second}/s, p99 ${figures.p99_ms} ms\n`);
      }
  });
  const rows = [...measured].map(
    ([{ name }, all]): Row => ({
      subject: name,
      per_second: median(all.map(({ per_second }) => per_second)),
      p99_ms: median(all.map(({ p99_ms }) => p99_ms)),
    }),
  );
  console.log(json ? JSON.stringify({ bench: "gateway", rows }) : tableOf(rows));
}

function tableOf(rows: readonly Row[]): string {
  const postbox = rows.find(({ subject }) => subject === "postbox") ?? { per_second: Number.NaN, p99_ms: Number.NaN };
  const table = new Table({ head: ["subject", "requests/s", "p99 (ms)", "postbox is", "p99 of postbox's"] });
  for (const { subject, per_second, p99_ms } of rows)
    table.push([
      subject,
      per_second,
      p99_ms,
      `${(postbox.per_second / per_second).toFixed(2)} of it`,
      (p99_ms / postbox.p99_ms).toFixed(2),
    ]);
  return table.toString();
}
