/** One environment variable: how it is read and how it is told to a person. */
export interface Variable<T> {
  /** What it is for, one sentence. */
  readonly purpose: string;
  /** What a value must look like, in words, with its unit: `a port, 1 to 65535`. */
  readonly expected: string;
  /** As it would be written in the environment. Absent: the variable may be left unset only if `optional`. */
  readonly default?: string;
  /** True: may be unset, and then reads as undefined. */
  readonly optional?: boolean;
  /** True: its value is never printed. */
  readonly secret?: boolean;
  /** True: the compose file asks for it. For what may be unset in local only. */
  readonly requiredInProduction?: boolean;
  /** The value, or undefined if `raw` is not what is expected. */
  readonly parse: (raw: string) => T | undefined;
}

export interface VariableOptions {
  purpose: string;
  default?: string;
}

export type Optional<T> = Variable<T> & { optional: true };

export const text = (told: VariableOptions): Variable<string> => ({
  ...told,
  expected: "a text that is not empty",
  parse: (raw) => raw,
});

export const secret = (told: VariableOptions): Variable<string> => ({ ...text(told), secret: true });

export const port = (told: VariableOptions): Variable<number> => ({
  ...integer({ ...told, min: 1, max: 65535 }),
  expected: "a port, 1 to 65535",
});

export const integer = ({ min, max, ...told }: VariableOptions & { min: number; max: number }): Variable<number> => ({
  ...told,
  expected: `a whole number, ${min} to ${max}`,
  parse: (raw) => {
    const value = Number(raw);
    return /^\d+$/.test(raw) && value >= min && value <= max ? value : undefined;
  },
});

export const flag = (told: VariableOptions): Variable<boolean> => ({
  ...told,
  expected: "`true` or `false`",
  parse: (raw) => (raw === "true" ? true : raw === "false" ? false : undefined),
});

export const oneOf = <const T extends string>(values: readonly T[], told: VariableOptions): Variable<T> => ({
  ...told,
  expected: `one of ${values.map((value) => `\`${value}\``).join(", ")}`,
  parse: (raw) => values.find((value) => value === raw),
});

export const name = (told: VariableOptions): Variable<string> => ({
  ...told,
  expected: "a lowercase name: letters, digits and `_`, a letter first, 63 at most",
  parse: (raw) => (/^[a-z][a-z0-9_]{0,62}$/.test(raw) ? raw : undefined),
});

export const url = (protocols: readonly string[], told: VariableOptions): Variable<string> => ({
  ...told,
  expected: `a URL that begins with ${protocols.map((protocol) => `\`${protocol}//\``).join(" or ")}`,
  parse: (raw) => (URL.canParse(raw) && protocols.includes(new URL(raw).protocol) ? raw : undefined),
});

/** A text of a form that `check` knows. */
export const formed = (check: (value: string) => boolean, what: string, told: VariableOptions): Variable<string> => ({
  ...text(told),
  expected: what,
  parse: (raw) => (check(raw) ? raw : undefined),
});

/** Values with commas between them, each of which `check` accepts. Unset or empty: none. */
export const list = (
  check: (value: string) => boolean,
  what: string,
  told: VariableOptions,
): Optional<readonly string[]> => ({
  ...told,
  expected: `${what}, with commas between them`,
  optional: true,
  parse: (raw) => {
    const values = raw.split(",").map((value) => value.trim());
    return values.every(check) ? values : undefined;
  },
});

/** The same variable, but it may be left unset. */
export const optional = <T>(variable: Variable<T>): Optional<T> => ({ ...variable, optional: true });
