import { redactedUrl } from "../../core/network/redacted-url.ts";
import { homeFolder } from "./home/paths.ts";
import { servicePages } from "./service-pages.ts";
import type { Supervised } from "./supervise.ts";

/** Where everything of a running stack is, as a table for a person. */
export async function summary({ addresses, config }: Pick<Supervised, "addresses" | "config">): Promise<string> {
  const { gateway, metrics, nats, postgres } = addresses;
  const { host } = new URL(Object.values(postgres)[0] ?? "");
  const pages = Object.entries(await servicePages()).map(([label, path]) => [label, gateway + path] as const);
  const rows = {
    Gateway: gateway,
    ...Object.fromEntries(pages),
    Metrics: `${metrics}/metrics`,
    Health: `${metrics}/health/ready`,
    NATS: redactedUrl(nats),
    Postgres: `${host} (databases ${Object.keys(postgres).join(", ")})`,
    Logs: `${homeFolder(config.POSTBOX_HOME)}/logs`,
  };
  const table = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(10)}${value}`);
  return ["", ...table].join("\n");
}
