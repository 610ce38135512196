import { metrics } from "../../libs/postbox/telemetry/metrics.ts";

/**
 * The sum of a counter or gauge of this process, over all series that have these labels: the metrics of services which
 * the test itself runs. Zero if there is none yet.
 *
 * @param name e.g. `postbox_inbox_handled_total`.
 */
export async function metricValue(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const { values = [] } = (await metrics.getSingleMetric(name)?.get()) ?? {};
  const asked = Object.entries(labels);
  return values
    .filter((one) => asked.every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
