import { parseArgs } from "node:util";
import Table from "cli-table3";
import { onGround } from "../ground.ts";
import { median } from "../median.ts";
import type { BenchOptions } from "../run.ts";
import { peers } from "./peers.ts";
import { postbox } from "./postbox.ts";
import { raw } from "./raw.ts";
import type { Subject } from "./workload.ts";

interface Row {
  readonly subject: string;
  readonly mode: string;
  readonly per_second: number;
}

/** Each of Postbox' modes beside what it is held against; they take turns, so that a slow minute hits both. */
const order = [...pairUp(), ...peers];

/**
 * `npm run bench -- pipeline [--json] [--events 40000] [--runs 3] [--only postbox,raw:simple]
 * [--failing-per-thousand 10]`: events per second from outbox to ack, medians, and ratios within this run; absolute
 * figures of a noisy machine say little. With `--failing-per-thousand`, the rate is that of the events that do not fail.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: {
      events: { type: "string", default: "40000" },
      runs: { type: "string", default: "3" },
      only: { type: "string" },
      "failing-per-thousand": { type: "string", default: "0" },
    },
  });
  const only = values.only?.split(",");
  const subjects = order.filter(
    ({ subject, mode }) => only === undefined || only.includes(subject) || only.includes(`${subject}:${mode}`),
  );
  const figures = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
  await onGround(Number(values.events), async (bare) => {
    const ground = { ...bare, failingPerThousand: Number(values["failing-per-thousand"]) };
    for (let run = 1; run <= Number(values.runs); run++)
      for (const subject of subjects) {
        const perSecond = await subject.run(ground);
        figures.get(subject)?.push(perSecond);
        process.stderr.write(`run ${run}: ${subject.subject} ${subject.mode}: ${perSecond}/s\n`);
      }
  });
  const rows = subjects.map(
    (subject): Row => ({
      subject: subject.subject,
      mode: subject.mode,
      per_second: median(figures.get(subject) ?? []),
    }),
  );
  console.log(json ? JSON.stringify({ bench: "pipeline", rows }) : tableOf(rows));
}

function pairUp(): Subject[] {
  const [simple, perEvent, setBased] = raw;
  const [sequential, concurrent, set, keyed] = postbox;
  return [sequential, simple, keyed, concurrent, perEvent, set, setBased].filter((one) => one !== undefined);
}

const rival: Readonly<Record<string, readonly [string, string]>> = {
  sequential: ["raw", "simple"],
  concurrent: ["raw", "per-event"],
  "set-based": ["raw", "set-based"],
  keyed: ["postbox", "concurrent"],
};

function tableOf(rows: readonly Row[]): string {
  const rateOf = (subject: string, mode?: string) =>
    rows.find((row) => row.subject === subject && (mode === undefined || row.mode === mode))?.per_second ?? Number.NaN;
  const table = new Table({
    head: ["subject", "mode", "events/s", "of its ceiling", "of graphile-worker, local queue"],
  });
  for (const { subject, mode, per_second } of rows) {
    const [against, how] = (subject === "postbox" ? rival[mode] : undefined) ?? [];
    table.push([
      subject,
      mode,
      per_second,
      against ? `${(per_second / rateOf(against, how)).toFixed(2)} of ${against} ${how}` : "",
      (per_second / rateOf("graphile-worker-local-queue")).toFixed(2),
    ]);
  }
  return table.toString();
}
