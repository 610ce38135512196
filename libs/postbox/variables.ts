/**
 * `postbox/variables`: what `services/<service>/variables.ts` declares a service's environment variables with. It loads no
 * other part of the runtime: each process reads it before its configuration.
 */
export type { ValuesOf, Variables } from "./core/configuration/known-variables.ts";
export { placeholder } from "./core/configuration/placeholder.ts";
export {
  flag,
  formed,
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
  type Variable,
  type VariableOptions,
} from "./core/configuration/variable.ts";
export { keeps } from "./core/validation/keeps.ts";
