import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Changes, Edit, NewFile } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { type Field, membersOf, typeOf } from "./field.ts";
import { capital, eventName, type Spellings } from "./names.ts";
import { quoted, render } from "./render.ts";

export interface EventPlan {
  /** The publishing service. */
  readonly service: string;
  /** `place.order`. */
  readonly name: string;
  /** Services that receive it. */
  readonly targets: readonly string[];
  /** Of the payload. None: an id. */
  readonly fields: readonly Field[];
  /** The field whose value is the mailbox key. */
  readonly key?: string | undefined;
}

const idAlone: readonly Field[] = [{ name: "id", type: "uuid" }];

/** An event, a draft at first, with a handler in each target, and a test from the outbox to the acknowledgements. */
export async function newEvent(root: string, plan: EventPlan): Promise<Changes> {
  const { service, name, targets } = plan;
  const spelled = eventName(name);
  const fields = plan.fields.length > 0 ? plan.fields : idAlone;
  const key = keyOf(fields, plan.fields.length > 0 ? plan.key : (plan.key ?? "id"));
  const contracts = `libs/${service}/events.ts`;
  const text = await readFile(join(root, contracts), "utf8").catch(() => undefined);
  if (text !== undefined && new RegExp(`\\b${spelled.camel}\\b|name: "${name}"`).test(text))
    throw new PostboxError(
      "scaffold-failed",
      `${contracts} has '${name}' or a '${spelled.camel}' already. Take another name, or raise its version by hand.`,
    );
  const definition = {
    path: contracts,
    text: await withDefinition(text ?? header, { ...plan, fields, key }, spelled),
  };
  const values = {
    ...spelled,
    service,
    data: `{ ${membersOf(fields, (field) => typeOf(field).sample)} }`,
  };
  const handlers = await Promise.all(targets.map((target) => handlerIn(root, service, target, spelled)));
  return {
    create: [
      ...(text === undefined ? [definition] : []),
      ...handlers.map(({ file }) => file),
      { path: `test/${service}/${spelled.kebab}.test.ts`, text: await render("event-test", values) },
    ],
    edit: [...(text === undefined ? [] : [definition]), ...handlers.map(({ edit }) => edit)],
    run: [],
    made: [],
    next: [
      `Give it its fields, as long as it is a draft: ${contracts}`,
      `Publish it in an action or a job: tx.enqueue(${spelled.camel}, …)`,
      "Release it, after which it keeps its contract: npx postbox events freeze",
    ],
  };
}

const header = `import { Type } from "typebox";
import { defineEvent } from "postbox/schema";
`;

async function withDefinition(
  text: string,
  { service, targets, fields, key }: EventPlan,
  spelled: Spellings,
): Promise<string> {
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
    members: membersOf(fields, (field) => typeOf(field).schema),
    key: key === undefined ? "" : `\n  key: ({ ${key} }) => ${key},`,
    summary: capital(spelled.kebab.replaceAll("-", " ")),
  };
  return complete + (await render("event", values));
}

/** @throws PostboxError `scaffold-failed` for a key that is no field, or no text. */
function keyOf(fields: readonly Field[], key: string | undefined): string | undefined {
  const field = fields.find(({ name }) => name === key);
  if (key !== undefined && (field === undefined || typeOf(field).ts !== "string"))
    throw new PostboxError(
      "scaffold-failed",
      `'${key}' cannot be the key; take a field of the type string or uuid: ${fields.map(({ name }) => name).join(", ")}.`,
    );
  return key;
}

/** What runs in the test: the publisher, and the worker of everybody concerned. */
export function partsOf(service: string, targets: readonly string[]): string[] {
  return [service, ...new Set([service, ...targets])].map((name, index) => (index === 0 ? name : `${name}.worker`));
}

export async function handlerIn(
  root: string,
  service: string,
  target: string,
  { camel, kebab }: Pick<Spellings, "camel" | "kebab">,
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
