import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Changes, Edit, NewFile } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { capital, eventName, type Spellings } from "./names.ts";
import { quoted, render } from "./render.ts";

export interface EventPlan {
  /** The publishing service. */
  readonly service: string;
  /** `place.order`. */
  readonly name: string;
  /** Services that receive it. */
  readonly targets: readonly string[];
}

/** An event with its contract, a handler in each target, and a test from the outbox to the acknowledgements. */
export async function newEvent(root: string, { service, name, targets }: EventPlan): Promise<Changes> {
  const spelled = eventName(name);
  const contracts = `libs/${service}/events.ts`;
  const text = await readFile(join(root, contracts), "utf8").catch(() => undefined);
  if (text !== undefined && new RegExp(`\\b${spelled.camel}\\b|name: "${name}"`).test(text))
    throw new PostboxError(
      "scaffold-failed",
      `${contracts} has '${name}' or a '${spelled.camel}' already. Take another name, or raise its version by hand.`,
    );
  const definition = {
    path: contracts,
    text: await withDefinition(text ?? header, { service, name, targets }, spelled),
  };
  const values = {
    ...spelled,
    service,
    receivers: targets.join(" and "),
    count: `${targets.length}`,
    parts: quoted(partsOf(service, targets)),
  };
  const handlers = await Promise.all(targets.map((target) => handlerIn(root, service, target, spelled)));
  return {
    create: [
      ...(text === undefined ? [definition] : []),
      ...handlers.map(({ file }) => file),
      { path: `test/${service}/${spelled.kebab}.test.ts`, text: await render("event-test", values) },
    ],
    edit: [...(text === undefined ? [] : [definition]), ...handlers.map(({ edit }) => edit)],
    run: [["cli/postbox.js", "events", "freeze"]],
    made: [`test/contracts/${service}.${name}.v1.json`],
  };
}

const header = `import { Type } from "typebox";
import { defineEvent } from "postbox/schema";
`;

async function withDefinition(text: string, { service, targets }: EventPlan, spelled: Spellings): Promise<string> {
  const imports = [
    ["Type", `import { Type } from "typebox";`],
    ["object", `import { object } from "postbox/schema";`],
  ] as const;
  const complete = imports.reduce(
    (result, [symbol, line]) =>
      new RegExp(`^import [^;]*\\b${symbol}\\b`, "m").test(result) ? result : addImport(result, line),
    text,
  );
  const values = {
    ...spelled,
    service,
    targets: quoted(targets),
    summary: capital(spelled.kebab.replaceAll("-", " ")),
  };
  return complete + (await render("event", values));
}

/** What runs in the test: the publisher, and the worker of everybody concerned. */
function partsOf(service: string, targets: readonly string[]): string[] {
  return [service, ...new Set([service, ...targets])].map((name, index) => (index === 0 ? name : `${name}.worker`));
}

async function handlerIn(
  root: string,
  service: string,
  target: string,
  { camel, kebab }: Spellings,
): Promise<{ file: NewFile; edit: Edit }> {
  const list = `services/${target}/events.ts`;
  const text = await readFile(join(root, list), "utf8");
  const handler = `on${capital(service)}${capital(camel)}`;
  const path = `handlers/${service}-${kebab}.ts`;
  return {
    file: { path: `services/${target}/${path}`, text: await render("handler", { service, camel, handler }) },
    edit: {
      path: list,
      text: appendItem(
        addImport(text, `import { ${handler} } from "./${path}";`),
        /export const handlers\b[^=]*= \[/,
        handler,
        list,
      ),
    },
  };
}
