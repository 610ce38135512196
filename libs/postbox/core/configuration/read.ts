import { PostboxError } from "../errors/postbox-error.ts";
import { isLoopback } from "../network/network.ts";
import { allVariables, type ValueOf } from "./known-variables.ts";
import { placeholder } from "./placeholder.ts";
import type { runtimeVariables } from "./runtime-variables.ts";

type Topics = typeof runtimeVariables;
type Flat = { [T in keyof Topics]: Topics[T] }[keyof Topics] extends infer Topic
  ? (Topic extends unknown ? (x: Topic) => void : never) extends (x: infer All) => void
    ? All
    : never
  : never;

/**
 * The configuration: one property a variable of the runtime, by the variable's name, and one for each service's
 * database. The values of a service's own variables are there too; `config(variables)` gives them their types.
 */
export type Config = { readonly [Name in keyof Flat]: ValueOf<Flat[Name]> } & {
  readonly [variable: `${Uppercase<string>}_DATABASE`]: string;
};

/** The least length of a signing key outside local, in bytes: the output of SHA-256 (RFC 7518, 3.2). */
const minSecretBytes = 32;

/**
 * Reads and validates the whole configuration. An empty variable counts as unset.
 *
 * @throws PostboxError `configuration-invalid`, which lists every fault at once: the name, what was given (secrets
 * masked), what is expected.
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
    values[name] = variable.parse(raw);
    if (values[name] === undefined)
      faults.push(`${name} is ${variable.secret ? "(masked)" : JSON.stringify(raw)}; expected ${variable.expected}.`);
  }
  const config = values as unknown as Config;
  if (config.ENVIRONMENT !== undefined && config.ENVIRONMENT !== "local") faults.push(...weakSecrets(values));
  if (config.ENVIRONMENT === "local") faults.push(...openToAll(values));
  if (config.ENVIRONMENT === "production" && config.RATE_LIMIT_ENABLED === false)
    faults.push("RATE_LIMIT_ENABLED is false; in production it must be true.");
  if (faults.length > 0)
    throw new PostboxError(
      "configuration-invalid",
      `The configuration has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
  return config;
}

/** Secrets left at the placeholder, or that hold it, as a URL may: a warning in local, where they work; elsewhere a fault. */
function placeholders(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(allVariables())
    .filter(([name, variable]) => variable.secret && String(values[name]).includes(placeholder))
    .map(([name]) => name);
}

/** Those that are used: an embedded Postgres gets a password of its own. */
export function placeholdersInUse(config: Config): string[] {
  return placeholders(config).filter((name) => name !== "POSTGRES_PASSWORD" || config.POSTGRES_HOST !== undefined);
}

/** What a start in local says of them; undefined if there are none. */
export function placeholderWarning(config: Config): string | undefined {
  const left = placeholdersInUse(config);
  return left.length === 0 ? undefined : `${left.join(", ")} left at the placeholder, which works in local only`;
}

/** Whoever knows a key of tokens can be any user: in local too, what others reach needs one that they do not know. */
function openToAll(values: Readonly<Record<string, unknown>>): string[] {
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
