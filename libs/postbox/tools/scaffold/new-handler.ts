import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { EventDefinition } from "../../delivery/wire/define-event.ts";
import { exampleOf } from "../../edge/openapi/example.ts";
import type { Changes } from "./changes.ts";
import { capital, eventName } from "./names.ts";
import { handlerIn, partsOf } from "./new-event.ts";
import { quoted, render } from "./render.ts";

/**
 * A handler in one more service of an event that there is. The event's definition gets the service as a further target,
 * which breaks nobody.
 */
export async function newHandler(root: string, service: string, event: EventDefinition): Promise<Changes> {
  const { service: publisher, name } = event;
  const spelled = eventName(name);
  const contracts = `libs/${publisher}/events.ts`;
  const text = await readFile(join(root, contracts), "utf8");
  const definition = new RegExp(
    `export const (\\w+) = defineEvent\\(\\{[^}]*?name: "${name}"[^}]*?targets: \\[([^\\]]*)\\]`,
  );
  const [whole, camel = spelled.camel, targets = ""] = definition.exec(text) ?? [];
  if (whole === undefined)
    throw new PostboxError(
      "scaffold-failed",
      `${contracts} does not define '${name}' in the shape that this command knows. Make the change by hand.`,
    );
  const added = whole.replace(`[${targets}]`, `[${targets.trim().replace(/,$/, "")}, "${service}"]`);
  const values = { ...spelled, camel };
  const handler = await handlerIn(root, publisher, service, values);
  const isTarget = event.targets.includes(service);
  return {
    create: [
      handler.file,
      {
        path: `test/${service}/${publisher}-${spelled.kebab}.test.ts`,
        text: await render("handler-test", {
          ...values,
          service,
          publisher,
          parts: quoted(partsOf(publisher, [service])),
          data: JSON.stringify(exampleOf({ ...event.schema })),
        }),
      },
    ],
    edit: [handler.edit, ...(isTarget ? [] : [{ path: contracts, text: text.replace(whole, added) }])],
    run: [],
    made: [],
    next: [
      `Write what ${capital(service)} does: ${handler.file.path}`,
      `Run its test: bash services/${service}/scripts/run-tests.sh`,
    ],
  };
}
