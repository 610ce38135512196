/** A rule of a password policy, and whether a password keeps it. */
interface Rule {
  /** Name of the rule, as in a validation error. */
  readonly rule: string;
  /** What the password must do, as the rest of a sentence. */
  readonly message: string;
  readonly keeps: (password: string) => boolean;
}

/** Characters are code points, of the form in which a password is hashed. */
const length = (password: string) => [...password].length;

const between = (min: number, max: number): Rule[] => [
  {
    rule: "minLength",
    message: `must have ${min} characters at least`,
    keeps: (password) => length(password) >= min,
  },
  {
    rule: "maxLength",
    message: `must have ${max} characters at most`,
    keeps: (password) => length(password) <= max,
  },
];

/** Names of the policies. */
export const policyNames = ["described", "nist"] as const;
export type PolicyName = (typeof policyNames)[number];

/**
 * What a password must be like that somebody chooses. `nist` is that of NIST SP 800-63B (revision 4, 3.1.1.2) for a password
 * that is the only factor: length alone counts, and blanks are characters like others.
 */
export const passwordPolicies: Record<PolicyName, readonly Rule[]> = {
  described: [
    ...between(8, 40),
    {
      rule: "pattern",
      message: "must have a letter, a digit and a symbol, and no space",
      keeps: (password) => /^(?=.*\p{L})(?=.*\p{Nd})(?=.*[\p{P}\p{S}])[^\s\p{Cc}]*$/u.test(password),
    },
  ],
  nist: between(15, 256),
};
