import { type VariablesByTopic, variablesByTopic } from "../configuration/known-variables.ts";
import { name, type Variables } from "../configuration/variable.ts";
import { serviceModules } from "./service-modules.ts";
import { databaseVariable, servicesIn } from "./service-names.ts";

/**
 * The variables of a project beside those of the runtime: one that names the database of each service, and those that a
 * service exports as `variables` from its `services/<service>/variables.ts`.
 */
export async function projectVariables(root: string): Promise<VariablesByTopic> {
  const modules = await serviceModules<{ variables: Variables }>(root, "services", "variables.ts");
  const ofServices = modules.map(({ service, exports }) => [topicOf(service), exports.variables ?? {}] as const);
  return { databases: databaseVariables(servicesIn(root)), ...Object.fromEntries(ofServices) };
}

/** The variables that a service declares itself. */
export const variablesOf = (service: string): Variables => variablesByTopic()[topicOf(service)] ?? {};

const topicOf = (service: string): string => `${service} service`;

function databaseVariables(services: readonly string[]): Variables {
  return Object.fromEntries(
    services.map((service) => [
      databaseVariable(service),
      name({ purpose: `Database of the ${service} service.`, default: service }),
    ]),
  );
}
