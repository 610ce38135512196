import { Counter, Histogram } from "prom-client";
import { metrics } from "../observability/metrics.ts";
import type { Route } from "./route.ts";

const requests = new Counter({
  name: "postbox_http_requests_total",
  help: "Requests answered, by the route's path (`none` if there is no such route).",
  labelNames: ["method", "route", "status"],
  registers: [metrics],
});

const durations = new Histogram({
  name: "postbox_http_request_duration_seconds",
  help: "Time from a request's headers to the end of its answer.",
  labelNames: ["route"],
  buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
  registers: [metrics],
});

const known = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts an answered request. Labels are bounded by the routes: a path or method that was made up counts as one. */
export function countRequest(method: string, route: Route | undefined, status: number, seconds: number): void {
  const path = route?.path ?? "none";
  requests.inc({ method: known.has(method) ? method : "other", route: path, status });
  durations.observe({ route: path }, seconds);
}
