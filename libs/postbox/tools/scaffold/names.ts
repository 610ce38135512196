import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { builtInNames } from "../../node/runtime/built-in-jobs.ts";

const word = /^[a-z][a-z0-9]*$/;

/** Names with another meaning in a subject, among containers, roles and databases, or on the command line. */
const reserved = new Set([
  "ack",
  "all",
  "console",
  "harness",
  "nats",
  "none",
  "postbox",
  "postgres",
  "template0",
  "template1",
]);

/** The reserved words of JavaScript that have the form of a name. */
const keywords = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield".split(
    " ",
  ),
);

/**
 * Refuses a name for a new service that is ill-formed, taken or reserved.
 *
 * @throws PostboxError `scaffold-failed`.
 */
export async function checkServiceName(root: string, name: string): Promise<void> {
  if (!word.test(name) || name.length < 2 || name.length > 30 || keywords.has(name))
    throw refused(name, "a service", "2 to 30 lowercase letters and digits, a letter first, such as 'orders'");
  if (reserved.has(name))
    throw refused(name, "a service", "another name; this one is taken by Postbox itself, or by what it runs on");
  for (const folder of ["services", "libs", "test", "migrations"])
    if ((await readdir(join(root, folder))).includes(name))
      throw refused(name, "a service", `another name; ${folder}/${name} is there already`);
}

/** Names of one thing in the three spellings that code, files and subjects use. */
export interface Spellings {
  /** `create.order`. */
  readonly dotted: string;
  /** `create-order`. */
  readonly kebab: string;
  /** `createOrder`. */
  readonly camel: string;
}

/** @throws PostboxError `scaffold-failed` for an event's name that is not two to four dot-separated words. */
export function eventName(name: string): Spellings {
  const words = name.split(".");
  if (words.length < 2 || words.length > 4 || !words.every((one) => word.test(one)))
    throw refused(
      name,
      "an event",
      `a verb and a noun, lowercase, with dots between, such as '${respelled(name, ".", 2, 4) ?? "place.order"}'`,
    );
  return spellings(words);
}

/** @throws PostboxError `scaffold-failed` for a name that is not lowercase words with `-` between, or a JavaScript word. */
export function partName(name: string, noun: "a job" | "an action" | "a model"): Spellings {
  const words = name.split("-");
  if (words.length > 6 || !words.every((one) => word.test(one)) || keywords.has(name))
    throw refused(
      name,
      noun,
      `lowercase words with '-' between, such as '${respelled(name, "-", 1, 6) ?? "list-orders"}'`,
    );
  return spellings(words);
}

/** @throws PostboxError `scaffold-failed` also for the name of a job that every service has. */
export function jobName(name: string): Spellings {
  if (Object.values<string>(builtInNames).includes(name))
    throw refused(name, "a job", "another name; every service has a job of this one");
  return partName(name, "a job");
}

/** `orders` as it begins a type: `Orders`. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The words of `listOrders` or `list_orders` as they should be written; undefined if that is no name either. */
function respelled(name: string, separator: string, least: number, most: number): string | undefined {
  const apart = name.replace(/([a-z0-9])(?=[A-Z])/g, "$1 ").toLowerCase();
  const words = apart.match(/[a-z][a-z0-9]*/g) ?? [];
  const result = words.join(separator);
  return words.length < least || words.length > most || keywords.has(result) ? undefined : result;
}

function spellings(words: readonly string[]): Spellings {
  const [first = "", ...rest] = words;
  return { dotted: words.join("."), kebab: words.join("-"), camel: first + rest.map(capital).join("") };
}

function refused(name: string, noun: string, expected: string): PostboxError {
  return new PostboxError("scaffold-failed", `'${name}' cannot be the name of ${noun}; take ${expected}.`);
}
