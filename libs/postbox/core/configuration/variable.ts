/** Variables as they are written in the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One environment variable: how it is read, and how it is explained to a person. */
export interface Variable<T> {
  /** What the variable is for, with its unit, in whole sentences. */
  readonly purpose: string;
  /** What a value must look like, in words: `a port, 1 to 65535`. */
  readonly expected: string;
  /** As written in the environment. A variable without a default must be set, unless it is `optional`. */
  readonly default?: string;
  /** True: the variable may be unset, and then reads as undefined. */
  readonly optional?: boolean;
  /** True: the value is never printed. */
  readonly secret?: boolean;
  /** True: the compose file asks for it. For a variable that may be unset in local only. */
  readonly requiredInProduction?: boolean;
  /** The value, or undefined if `raw` is not as expected. `env` is for a value whose rule another variable decides. */
  readonly parse: (raw: string, env: Environment) => T | undefined;
}

/** What each declaration of a variable takes. */
export interface VariableOptions {
  /** What the variable is for, with its unit, in whole sentences. */
  purpose: string;
  /** As written in the environment. */
  default?: string;
}

/** Environment variables by their names. */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** What a set of variables reads as. */
export type ValuesOf<V extends Variables> = { readonly [Name in keyof V]: ValueOf<V[Name]> };

/** What one variable reads as. */
export type ValueOf<V> = V extends Optional<infer T> ? T | undefined : V extends Variable<infer T> ? T : never;

/** A variable that may be unset, and then reads as undefined. */
export type Optional<T> = Variable<T> & { optional: true };

/** A text that is not empty. */
export const text = (options: VariableOptions): Variable<string> => ({
  ...options,
  expected: "a text that is not empty",
  parse: (raw) => raw,
});

/** A text that is never printed. Outside local the placeholder is refused as its value. */
export const secret = (options: VariableOptions): Variable<string> => ({ ...text(options), secret: true });

/** A port, 1 to 65535. */
export const port = (options: VariableOptions): Variable<number> => ({
  ...integer({ ...options, min: 1, max: 65535 }),
  expected: "a port, 1 to 65535",
});

/** A whole number from `min` to `max`, both included. */
export const integer = ({
  min,
  max,
  ...options
}: VariableOptions & { min: number; max: number }): Variable<number> => ({
  ...options,
  expected: `a whole number, ${min} to ${max}`,
  parse: (raw) => {
    const value = Number(raw);
    return /^\d+$/.test(raw) && value >= min && value <= max ? value : undefined;
  },
});

/** `true` or `false`. */
export const flag = (options: VariableOptions): Variable<boolean> => ({
  ...options,
  expected: "`true` or `false`",
  parse: (raw) => (raw === "true" ? true : raw === "false" ? false : undefined),
});

/** One of the given values. */
export const oneOf = <const T extends string>(values: readonly T[], options: VariableOptions): Variable<T> => ({
  ...options,
  expected: `one of ${values.map((value) => `\`${value}\``).join(", ")}`,
  parse: (raw) => values.find((value) => value === raw),
});

/** A lowercase name as Postgres takes it unquoted: letters, digits and `_`, a letter first, 63 at most. */
export const name = (options: VariableOptions): Variable<string> => ({
  ...options,
  expected: "a lowercase name: letters, digits and `_`, a letter first, 63 at most",
  parse: (raw) => (/^[a-z][a-z0-9_]{0,62}$/.test(raw) ? raw : undefined),
});

/** A URL with one of the given protocols, each written with its colon: `["https:"]`. */
export const url = (protocols: readonly string[], options: VariableOptions): Variable<string> => ({
  ...options,
  expected: `a URL that begins with ${protocols.map((protocol) => `\`${protocol}//\``).join(" or ")}`,
  parse: (raw) => (URL.canParse(raw) && protocols.includes(new URL(raw).protocol) ? raw : undefined),
});

/** A text that `check` accepts; `what` says in words which texts these are. */
export const checkedText = (
  check: (value: string, env: Environment) => boolean,
  what: string,
  options: VariableOptions,
): Variable<string> => ({
  ...text(options),
  expected: what,
  parse: (raw, env) => (check(raw, env) ? raw : undefined),
});

/** Values with commas between them, each accepted by `check`. May be unset. */
export const list = (
  check: (value: string) => boolean,
  what: string,
  options: VariableOptions,
): Optional<readonly string[]> => ({
  ...options,
  expected: `${what}, with commas between them`,
  optional: true,
  parse: (raw) => {
    const values = raw.split(",").map((value) => value.trim());
    return values.every(check) ? values : undefined;
  },
});

/** The same variable, but it may be unset. */
export const optional = <T>(variable: Variable<T>): Optional<T> => ({ ...variable, optional: true });
