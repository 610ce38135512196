import { Counter, type Metric } from "prom-client";
import { metrics } from "../../telemetry/metrics.ts";
import type { Route } from "../routes/route.ts";

/** Upper bounds of the histogram's buckets, in seconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

/** Stands for the status of a request whose client went away before its answer. */
const aborted = 0;

/** The counts of one route. */
interface RouteCounts {
  /** Requests since the last scrape. The key is status and method as one number: a text would be made for each request. */
  readonly answered: Map<number, number>;
  /** Requests by bucket since the process began; the last bucket is over every bound. */
  readonly buckets: number[];
  /** Sum of all requests' durations since the process began. */
  seconds: number;
}

/**
 * Counts by the path of a route. Labels are put together only at a scrape: prom-client hashes them at each `inc` and
 * `observe`, a tenth of a request's cost.
 */
const counts = new Map<string, RouteCounts>();

const methods = ["other", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const methodNumbers = new Map(methods.map((method, number) => [method, number]));

/**
 * Counts a request. Labels are bounded: all unknown paths count as `none`, all unknown methods as `other`.
 *
 * @param status undefined where the client went away before its answer.
 */
export function countRequest(
  method: string,
  route: Route | undefined,
  status: number | undefined,
  seconds: number,
): void {
  const path = route?.path ?? "none";
  let known = counts.get(path);
  if (!known) {
    known = { answered: new Map(), buckets: Array<number>(bounds.length + 1).fill(0), seconds: 0 };
    counts.set(path, known);
  }
  const answer = (status ?? aborted) * methods.length + (methodNumbers.get(method) ?? 0);
  known.answered.set(answer, (known.answered.get(answer) ?? 0) + 1);
  known.seconds += seconds;
  let bucket = 0;
  while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
  known.buckets[bucket] = (known.buckets[bucket] ?? 0) + 1;
}

new Counter({
  name: "postbox_http_requests_total",
  help: "Requests, by the route's path (`none` if there is no such route) and the answer's status (`aborted` if the client went away before it).",
  labelNames: ["method", "route", "status"],
  registers: [metrics],
  collect() {
    for (const [route, { answered }] of counts) {
      for (const [answer, count] of answered) {
        const method = methods[answer % methods.length] ?? "";
        const status = Math.floor(answer / methods.length);
        this.inc({ method, route, status: status === aborted ? "aborted" : status }, count);
      }
      answered.clear();
    }
  },
});

const durations = "postbox_http_request_duration_seconds";

function durationValues() {
  return [...counts].flatMap(([route, { buckets, seconds }]) => {
    let sum = 0;
    const cumulative = buckets.map((count, at) => {
      sum += count;
      return { metricName: `${durations}_bucket`, labels: { route, le: bounds[at] ?? "+Inf" }, value: sum };
    });
    return [
      ...cumulative,
      { metricName: `${durations}_sum`, labels: { route }, value: seconds },
      { metricName: `${durations}_count`, labels: { route }, value: sum },
    ];
  });
}

const histogram = {
  name: durations,
  help: "Time from a request's headers to the end of its answer, or until its client went away.",
  type: "histogram",
  aggregator: "sum",
  get: async () => ({ ...histogram, values: durationValues() }),
};
metrics.registerMetric(histogram as unknown as Metric);
