import { parseArgs } from "node:util";
import Table from "cli-table3";
import { onGround } from "../ground.ts";
import { median } from "../median.ts";
import type { BenchOptions } from "../run.ts";
import { measureGraphile } from "./graphile-worker.ts";
import type { Offer } from "./offer.ts";
import { measurePostbox } from "./postbox.ts";

const subjects = { postbox: measurePostbox, "graphile-worker": measureGraphile } as const;

/**
 * `npm run bench -- latency [--json] [--rate 200] [--seconds 15] [--runs 3]`: milliseconds from the COMMIT of an
 * event to that of its effect, at a steady rate; medians of the runs.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: {
      rate: { type: "string", default: "200" },
      seconds: { type: "string", default: "15" },
      runs: { type: "string", default: "3" },
    },
  });
  const offer: Offer = { perSecond: Number(values.rate), events: Number(values.rate) * Number(values.seconds) };
  const figures = new Map<string, { p50: number; p99: number }[]>();
  await onGround(offer.events, async (ground) => {
    for (let run = 1; run <= Number(values.runs); run++)
      for (const [subject, measure] of Object.entries(subjects)) {
        const sorted = (await measure(ground, offer)).toSorted((a, b) => a - b);
        const at = (share: number) =>
          sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
        figures.set(subject, [...(figures.get(subject) ?? []), { p50: at(0.5), p99: at(0.99) }]);
        process.stderr.write(`run ${run}: ${subject}: p50 ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms\n`);
      }
  });
  const rows = [...figures].map(([subject, runs]) => ({
    subject,
    mode: `${offer.perSecond}/s`,
    p50_ms: Number(median(runs.map(({ p50 }) => p50)).toFixed(2)),
    p99_ms: Number(median(runs.map(({ p99 }) => p99)).toFixed(2)),
  }));
  if (json) {
    console.log(JSON.stringify({ bench: "latency", rows }));
    return;
  }
  const table = new Table({ head: ["subject", "offered", "p50 ms", "p99 ms"] });
  for (const { subject, mode, p50_ms, p99_ms } of rows) table.push([subject, mode, p50_ms, p99_ms]);
  console.log(table.toString());
}
