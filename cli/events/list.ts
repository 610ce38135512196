import { loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";
import { handles, loadHandlers } from "../../libs/postbox/tools/contracts/load-handlers.ts";
import { printJson, printTable } from "../terminal/table.ts";

export async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const [events, handlers] = await Promise.all([loadEvents(), loadHandlers()]);
  const rows = events.map(({ subject, version, service, targets, key }) => ({
    event: subject,
    version,
    publisher: service,
    targets,
    keyed: key !== undefined,
    unhandled: targets.filter((target) => !handles(handlers.get(target), subject)),
  }));
  if (json) return printJson(rows);
  printTable(
    ["event", "version", "publisher", "receivers", "in order", "nobody handles it in"],
    rows.map(({ event, version, publisher, targets, keyed, unhandled }) => [
      event,
      version,
      publisher,
      targets.join(", "),
      keyed ? "by key" : "",
      unhandled.join(", "),
    ]),
  );
}
