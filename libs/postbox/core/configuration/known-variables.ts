import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostboxError } from "../errors/postbox-error.ts";
import { projectRoot } from "../project/project-root.ts";
import { databaseVariable, serviceNames } from "../project/service-names.ts";
import { runtimeVariables } from "./runtime-variables.ts";
import { name, type Optional, type Variable } from "./variable.ts";

/** Environment variables, by their names. */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** What a set of variables reads as. */
export type ValuesOf<V extends Variables> = { readonly [Name in keyof V]: ValueOf<V[Name]> };
/** What one variable reads as. */
export type ValueOf<V> = V extends Optional<infer T> ? T | undefined : V extends Variable<infer T> ? T : never;

let byTopic: Readonly<Record<string, Variables>> | undefined;

/**
 * Finds the variables of the project: those of the runtime, one that names the database of each service, and those that
 * a service declares in `services/<service>/variables.ts` as `variables`. Once a process; what reads the configuration
 * comes after it.
 *
 * @throws PostboxError `configuration-invalid` for a variable that is declared twice.
 */
export async function loadVariables(): Promise<void> {
  if (byTopic !== undefined) return;
  const topics: Record<string, Variables> = { ...runtimeVariables };
  topics.databases = Object.fromEntries(
    serviceNames().map((service) => [
      databaseVariable(service),
      name({ purpose: `Database of the ${service} service.`, default: service }),
    ]),
  );
  for (const service of serviceNames()) {
    const own = await variablesOf(service);
    for (const variable of Object.keys(own)) refuseTwice(variable, service, topics);
    if (Object.keys(own).length > 0) topics[`${service} service`] = own;
  }
  byTopic = topics;
}

/** The variables that a service declares, by their names. */
export async function variablesOf(service: string): Promise<Variables> {
  const path = join(projectRoot(), "services", service, "variables.ts");
  if (!existsSync(path)) return {};
  const { variables = {} }: { variables?: Variables } = await import(pathToFileURL(path).href);
  return variables;
}

/** @throws TypeError before they were loaded. */
export function variablesByTopic(): Readonly<Record<string, Variables>> {
  if (byTopic === undefined)
    throw new TypeError("The project is not loaded. Await loadProject() before its configuration.");
  return byTopic;
}

/** Every variable by its name, topic after topic. */
export function allVariables(): Variables {
  return Object.assign({}, ...Object.values(variablesByTopic()));
}

function refuseTwice(variable: string, service: string, topics: Readonly<Record<string, Variables>>): void {
  const other = Object.keys(topics).find((topic) => Object.hasOwn(topics[topic] ?? {}, variable));
  if (other === undefined) return;
  throw new PostboxError(
    "configuration-invalid",
    `services/${service}/variables.ts declares ${variable}, which '${other}' has already. Give it another name.`,
  );
}
