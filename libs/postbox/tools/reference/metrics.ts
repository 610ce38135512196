import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Metric } from "prom-client";
import "../../delivery/metrics/delivery-metrics.ts";
import { deliveryMetricsReference } from "../../delivery/metrics/reference.ts";
import "../../edge/rate-limits/rate-limiter.ts";
import "../../edge/server/metrics.ts";
import { projectRoot } from "../../core/project/project-root.ts";
import { metrics } from "../../telemetry/metrics.ts";

/** Metrics of Node.js itself, which prom-client registers and documents. */
const ofNode = /^(process|nodejs)_/;

/** What a registered metric says of itself; prom-client declares no type for it. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/**
 * The text of `docs/reference/metrics.md`: every metric of the registry, those of the runtime and of the services. A
 * service registers its own in a file that is named `metrics.ts`, or ends in `-metrics.ts`.
 */
export async function metricsReference(): Promise<string> {
  for (const path of globSync("services/*/**/{metrics,*-metrics}.ts", { cwd: projectRoot() }))
    await import(pathToFileURL(join(projectRoot(), path)).href);
  const values = await metrics.getMetricsAsJSON();
  const rows = values
    .filter(({ name }) => !ofNode.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help }) => `| \`${name}\` | ${type} | ${labelsOf(name)} | ${cell(help)} |`);
  return [
    "<!-- Made from the registered metrics by `npm run generate`; do not edit. -->",
    "",
    "# Metrics",
    "",
    "Every process serves its metrics at `/metrics` on `METRICS_PORT`, in the text format of Prometheus. Beside these stand",
    "the metrics of Node.js itself, `process_…` and `nodejs_…`. Times are in seconds.",
    "",
    "| name | type | labels | meaning |",
    "|---|---|---|---|",
    ...rows,
    "",
    "What the labels of the delivery engine say, beside `service`, the service's name:",
    "",
    "| metric | label | values |",
    "|---|---|---|",
    ...labelValues(),
    "",
  ].join("\n");
}

function labelsOf(name: string): string {
  const metric = metrics.getSingleMetric(name) as (Metric & Partial<Registered>) | undefined;
  return (metric?.labelNames ?? []).map((label) => `\`${label}\``).join(", ");
}

function labelValues(): string[] {
  return Object.entries(deliveryMetricsReference).flatMap(([name, { labels }]) =>
    Object.entries(labels).map(([label, meaning]) => `| \`${name}\` | \`${label}\` | ${cell(meaning)} |`),
  );
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
