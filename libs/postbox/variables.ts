/**
 * `postbox/variables`: what `services/<service>/variables.ts` declares a service's environment variables with. It loads no
 * other part of the runtime: each process reads it before its configuration.
 */

export { placeholder } from "./core/configuration/placeholder.ts";
export {
  checkedText,
  flag,
  integer,
  list,
  name,
  type Optional,
  oneOf,
  optional,
  port,
  secret,
  text,
  url,
  type ValuesOf,
  type Variable,
  type VariableOptions,
  type Variables,
} from "./core/configuration/variable.ts";
export { matchesSchema } from "./core/validation/matches-schema.ts";
