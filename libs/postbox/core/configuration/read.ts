import { PostboxError } from "../errors/postbox-error.ts";
import { isLoopback } from "../network/addresses.ts";
import { allVariables } from "./known-variables.ts";
import { placeholder } from "./placeholder.ts";
import type { runtimeVariables } from "./runtime-variables.ts";
import type { ValueOf } from "./variable.ts";

/** The intersection of the members of a union. */
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

type RuntimeVariables = AllOf<(typeof runtimeVariables)[keyof typeof runtimeVariables]>;

/**
 * The configuration: a property for each variable of the runtime, and one that names the database of each service. The
 * object also holds the values of services' own variables; `config(variables)` gives those their types.
 */
export type Config = {
  readonly [Name in keyof RuntimeVariables]: ValueOf<RuntimeVariables[Name]>;
} & {
  readonly [variable: `${Uppercase<string>}_DATABASE`]: string;
};

/** Bytes of a signing key outside local, at least: the size of SHA-256's output (RFC 7518, 3.2). */
const minSecretBytes = 32;

/**
 * Reads and validates the whole configuration. An empty variable counts as unset.
 *
 * @throws PostboxError `configuration-invalid`, which lists all faults: the name, the value (secrets masked), and what is
 * expected.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(allVariables())) {
    const raw = env[name] || variable.default;
    if (raw === undefined) {
      if (!variable.optional) faults.push(`${name} is not set; expected ${variable.expected}. ${variable.purpose}`);
      continue;
    }
    values[name] = variable.parse(raw, env);
    if (values[name] === undefined)
      faults.push(`${name} is ${variable.secret ? "(masked)" : JSON.stringify(raw)}; expected ${variable.expected}.`);
  }
  const config = values as unknown as Config;
  if (config.ENVIRONMENT !== undefined && config.ENVIRONMENT !== "local") faults.push(...weakSecrets(values));
  if (config.ENVIRONMENT === "local") faults.push(...knownKeysOnOpenAddress(values));
  if (config.ENVIRONMENT === "production" && config.RATE_LIMIT_ENABLED === false)
    faults.push("RATE_LIMIT_ENABLED is false; in production it must be true.");
  if (faults.length > 0)
    throw new PostboxError(
      "configuration-invalid",
      `The configuration has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
  return config;
}

/** Secrets that are or contain the placeholder, as a URL may. Local warns of them; elsewhere each is a fault. */
function placeholders(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(allVariables())
    .filter(([name, variable]) => variable.secret && String(values[name]).includes(placeholder))
    .map(([name]) => name);
}

/** Secrets at the placeholder that are in use. An embedded Postgres has a password of its own. */
export function placeholdersInUse(config: Config): string[] {
  return placeholders(config).filter((name) => name !== "POSTGRES_PASSWORD" || config.POSTGRES_HOST !== undefined);
}

/** The warning that a start in local prints of secrets at the placeholder; undefined if there are none. */
export function placeholderWarning(config: Config): string | undefined {
  const left = placeholdersInUse(config);
  return left.length === 0 ? undefined : `${left.join(", ")} left at the placeholder, which works in local only`;
}

/** Whoever knows a signing key can be any user. So a server that others reach needs a key of its own in local, too. */
function knownKeysOnOpenAddress(values: Readonly<Record<string, unknown>>): string[] {
  const { LISTEN_ADDRESS: address } = values;
  if (typeof address !== "string" || isLoopback(address)) return [];
  const keys = placeholders(values).filter((name) => name.startsWith("TOKEN_SECRET"));
  return keys.map((name) => `${name} is left at '${placeholder}'; with LISTEN_ADDRESS=${address} it must be set.`);
}

function weakSecrets(values: Readonly<Record<string, unknown>>): string[] {
  const left = placeholders(values);
  const faults = left.map((name) => `${name} is left at '${placeholder}'; outside local it must be set.`);
  for (const name of ["TOKEN_SECRET", "TOKEN_SECRET_SECOND"]) {
    const key = values[name];
    if (typeof key === "string" && !left.includes(name) && Buffer.byteLength(key) < minSecretBytes)
      faults.push(`${name} has ${Buffer.byteLength(key)} bytes; outside local it needs ${minSecretBytes} or more.`);
  }
  return faults;
}
