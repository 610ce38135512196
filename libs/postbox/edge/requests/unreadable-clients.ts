import type { Logger } from "moleculer";
import { Counter } from "prom-client";
import { metrics } from "../../telemetry/metrics.ts";

const unreadable = new Counter({
  name: "postbox_http_client_unreadable_total",
  help: "Requests whose client a trusted proxy named in a form that cannot be read.",
  registers: [metrics],
});

/** Characters of what a proxy wrote that are logged. */
const shownLength = 80;

/** Counts each request whose client cannot be read, and logs the first. */
export function reportUnreadableClients(logger: Pick<Logger, "warn">): (proxy: string, written: string) => void {
  let isLogged = false;
  return (proxy, written) => {
    unreadable.inc();
    if (isLogged) return;
    isLogged = true;
    const shown = JSON.stringify(written.slice(0, shownLength));
    logger.warn(
      `The proxy ${proxy} names a client as ${shown}, which is no address. Such clients share one rate limit and have no address in the list of sessions. Have the proxy write the address.`,
    );
  };
}
