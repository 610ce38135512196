import { Counter, type Metric } from "prom-client";
import { metrics } from "../../telemetry/metrics.ts";
import type { Route } from "../routes/route.ts";

/** Upper bounds of the histogram's buckets, in seconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

/** What was counted of one route since the process began. */
interface Counts {
  /** Requests since the last scrape, by status and method in one number: a text would have to be made for each. */
  readonly answered: Map<number, number>;
  /** Requests by bucket; the last is for those over every bound. */
  readonly buckets: number[];
  seconds: number;
}

/**
 * Counts by the route's path. prom-client hashes the labels at every `inc` and `observe`, which would be a tenth of a
 * request's cost; here they are put together only when somebody scrapes.
 */
const counts = new Map<string, Counts>();

const methods = ["other", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const places = new Map(methods.map((method, place) => [method, place]));

/** Counts an answered request. Labels are bounded by the routes: a path or method that was made up counts as one. */
export function countRequest(method: string, route: Route | undefined, status: number, seconds: number): void {
  const path = route?.path ?? "none";
  let of = counts.get(path);
  if (!of) {
    of = { answered: new Map(), buckets: Array<number>(bounds.length + 1).fill(0), seconds: 0 };
    counts.set(path, of);
  }
  const answer = status * methods.length + (places.get(method) ?? 0);
  of.answered.set(answer, (of.answered.get(answer) ?? 0) + 1);
  of.seconds += seconds;
  let bucket = 0;
  while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
  of.buckets[bucket] = (of.buckets[bucket] ?? 0) + 1;
}

new Counter({
  name: "postbox_http_requests_total",
  help: "Requests answered, by the route's path (`none` if there is no such route).",
  labelNames: ["method", "route", "status"],
  registers: [metrics],
  collect() {
    for (const [route, { answered }] of counts) {
      for (const [answer, count] of answered) {
        const method = methods[answer % methods.length] ?? "";
        this.inc({ method, route, status: Math.floor(answer / methods.length) }, count);
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
  help: "Time from a request's headers to the end of its answer.",
  type: "histogram",
  aggregator: "sum",
  get: async () => ({ ...histogram, values: durationValues() }),
};
metrics.registerMetric(histogram as unknown as Metric);
