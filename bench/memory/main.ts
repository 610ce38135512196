import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { makePublisher, newServices } from "../engine.ts";
import { onGround } from "../ground.ts";
import { offerSteadily } from "../latency/offer.ts";
import { median } from "../median.ts";
import { type Ground, payload } from "../pipeline/workload.ts";
import type { BenchOptions } from "../run.ts";
import { createdOf } from "./events.ts";
import type { Begin, Sample } from "./worker.ts";

/** Events in one transaction of the publisher. */
const perTransaction = 50;

/**
 * As in the Dockerfile. Without limits, on a machine with much memory, V8 collects so seldom that resident memory tells
 * of the machine and not of the worker.
 */
const heapLimits = ["--max-old-space-size=192", "--max-semi-space-size=8"];

/** Time of a sample, in minutes, and what it says in MB. */
interface Point {
  readonly minute: number;
  readonly mb: number;
}

/**
 * `npm run bench -- memory [--json] [--rate 5000] [--seconds 60] [--warm-up 20]`: resident memory of a worker in a
 * process of its own under a steady load, after the warm-up: median, highest, and how fast it grows.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: {
      rate: { type: "string", default: "5000" },
      seconds: { type: "string", default: "60" },
      "warm-up": { type: "string", default: "20" },
    },
  });
  const [perSecond, seconds, warmUp] = [values.rate, values.seconds, values["warm-up"]].map(Number) as [
    number,
    number,
    number,
  ];
  const events = perSecond * (seconds + warmUp);
  const { points, handledPerSecond } = await onGround(events, (ground) => measure(ground, perSecond, warmUp));
  const row = {
    subject: "postbox",
    mode: `${perSecond}/s`,
    handled_per_second: Math.round(handledPerSecond),
    p50_mb: round(median(points.map(({ mb }) => mb))),
    max_mb: round(Math.max(...points.map(({ mb }) => mb))),
    mb_per_minute: round(slope(points)),
  };
  if (json) {
    console.log(JSON.stringify({ bench: "memory", rows: [row] }));
    return;
  }
  const table = new Table({ head: ["subject", "offered", "handled/s", "p50 MB", "max MB", "MB a minute"] });
  table.push([row.subject, row.mode, row.handled_per_second, row.p50_mb, row.max_mb, row.mb_per_minute]);
  console.log(table.toString());
}

async function measure(ground: Ground, perSecond: number, warmUp: number) {
  const services = newServices();
  const created = createdOf(services);
  const { outbox, relay, collect, stop } = await makePublisher(ground, services);
  const worker = fork(join(import.meta.dirname, "worker.ts"), [], { execArgv: heapLimits });
  const samples: { at: number; sample: Sample }[] = [];
  const ready = once(worker, "message");
  worker.on("message", (sample: Sample) => void samples.push({ at: performance.now(), sample }));
  worker.send({ config: ground.config, services } satisfies Begin);
  await Promise.race([ready, failed(worker)]);
  await collect();
  relay.start();
  const offer = { perSecond: perSecond / perTransaction, events: Math.ceil(ground.events / perTransaction) };
  const start = performance.now();
  await offerSteadily(offer, () =>
    outbox.transaction(async (tx) => {
      for (let i = 0; i < perTransaction; i++) tx.enqueue(created, payload());
    }),
  );
  const counted = samples.filter(({ at }) => at > start + warmUp * 1_000);
  const [first, last] = [counted[0], counted.at(-1)];
  worker.send("stop");
  await once(worker, "exit");
  await stop();
  if (first === undefined || last === undefined) throw new RangeError("There was no sample after the warm-up.");
  return {
    points: counted.map(({ at, sample }): Point => ({ minute: (at - first.at) / 60_000, mb: sample.rss / 2 ** 20 })),
    handledPerSecond: ((last.sample.handled - first.sample.handled) * 1_000) / (last.at - first.at),
  };
}

async function failed(worker: ChildProcess): Promise<never> {
  const [code] = await once(worker, "exit");
  throw new Error(`The worker's process ended with ${code}.`);
}

/** Of the straight line through the points, by least squares. */
function slope(points: readonly Point[]): number {
  const mean = (pick: (point: Point) => number) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [minute, mb] = [mean((point) => point.minute), mean((point) => point.mb)];
  return (
    points.reduce((sum, point) => sum + (point.minute - minute) * (point.mb - mb), 0) /
    points.reduce((sum, point) => sum + (point.minute - minute) ** 2, 0)
  );
}

const round = (value: number): number => Number(value.toFixed(1));
