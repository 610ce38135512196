import { placeholder } from "../../core/configuration/placeholder.ts";
import { runtimeVariables } from "../../core/configuration/runtime-variables.ts";
import type { Variable, Variables } from "../../core/configuration/variable.ts";
import { variablesOf } from "../../core/project/project-variables.ts";
import { databaseVariable } from "../../core/project/service-names.ts";
import { natsPassword, postgresPassword } from "./passwords.ts";

/** The port that the edge listens on inside its container. */
export const edgePort = "3000";

/** Variables of the embedded stack, which no container runs. */
const embedded = new Set(["POSTBOX_HOME", "NATS_SERVER_BIN"]);

/**
 * The environment of a service's containers, as the compose file writes it.
 *
 * 1. What the compose file decides has its value: the addresses of the servers, the ports inside a container.
 * 2. Every other variable of the runtime and of the service itself is handed on from `.env`. Those of the edge go to the
 *    edge alone, and no service gets another one's.
 */
export function containerEnvironment(service: string, isEdge: boolean): Readonly<Record<string, string>> {
  const { edge, ...common } = runtimeVariables;
  const declared: Variables = Object.assign({}, ...Object.values(common), isEdge ? edge : {}, variablesOf(service));
  const { PORT: _, ...handedOn } = Object.fromEntries(
    Object.entries(declared)
      .filter(([name]) => !embedded.has(name))
      .map(([name, variable]) => [name, fromEnvironment(name, variable)]),
  );
  return {
    ...handedOn,
    ENVIRONMENT: "production",
    METRICS_PORT: "9000",
    LISTEN_ADDRESS: "0.0.0.0",
    POSTGRES_HOST: "postgres",
    POSTGRES_PORT: "5432",
    POSTGRES_USER: service,
    POSTGRES_PASSWORD: required(postgresPassword(service)),
    [databaseVariable(service)]: unlessSet(databaseVariable(service), service),
    NATS_URL: "nats://nats:4222",
    NATS_USER: service,
    NATS_PASSWORD: required(natsPassword(service)),
    ...(isEdge && { PORT: edgePort }),
  };
}

/** Compose refuses to start while the variable is unset or empty. */
export const required = (name: string): string => `\${${name}:?}`;

/** The variable's value, or another one while it is unset or empty. */
export const unlessSet = (name: string, value: string): string => `\${${name}:-${value}}`;

/** A variable that is unset arrives empty, and takes its default where it is read: it need not stand here too. */
function fromEnvironment(name: string, { default: unset, requiredInProduction }: Variable<unknown>): string {
  return requiredInProduction || unset === placeholder ? required(name) : unlessSet(name, "");
}
