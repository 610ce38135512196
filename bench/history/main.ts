import { parseArgs } from "node:util";
import Table from "cli-table3";
import { onGround } from "../ground.ts";
import { median } from "../median.ts";
import { postbox } from "../pipeline/postbox.ts";
import type { BenchOptions } from "../run.ts";

/**
 * `npm run bench -- history [--json] [--events 40000] [--runs 3] [--mode concurrent] [--rows 10000,1000000]`: events
 * per second from outbox to ack while that many processed rows stand in the tables, medians, and what the most of them
 * leave of the rate with the fewest. They take turns, so that a slow minute hits all.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: {
      events: { type: "string", default: "40000" },
      runs: { type: "string", default: "3" },
      mode: { type: "string", default: "concurrent" },
      rows: { type: "string", default: "10000,1000000" },
    },
  });
  const subject = postbox.find(({ mode }) => mode === values.mode);
  if (!subject)
    throw new RangeError(
      `There is no mode '${values.mode}'; there are: ${postbox.map(({ mode }) => mode).join(", ")}.`,
    );
  const figures = new Map(values.rows.split(",").map((rows): [number, number[]] => [Number(rows), []]));
  await onGround(Number(values.events), async (ground) => {
    for (let run = 1; run <= Number(values.runs); run++)
      for (const [history, rates] of figures) {
        const perSecond = await subject.run({ ...ground, history });
        rates.push(perSecond);
        process.stderr.write(`run ${run}: ${history} processed rows: ${perSecond}/s\n`);
      }
  });
  const rows = [...figures].map(([history, rates]) => ({ history, per_second: median(rates) }));
  if (json) return console.log(JSON.stringify({ bench: "history", rows }));
  const table = new Table({ head: ["processed rows", "events/s", `of that with ${rows[0]?.history}`] });
  for (const { history, per_second } of rows)
    table.push([history, per_second, (per_second / (rows[0]?.per_second ?? Number.NaN)).toFixed(2)]);
  console.log(table.toString());
}
