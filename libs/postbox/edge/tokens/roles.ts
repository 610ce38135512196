/** Every role, the one that may do least first. */
export const roles = ["user", "admin", "root"] as const;
/** The role of a user. */
export type Role = (typeof roles)[number];

/** The roles that each `access` lets in: `gen` any user, `mgmt` the management, `root` root alone. */
export const roleSets = {
  gen: ["user", "admin", "root"],
  mgmt: ["admin", "root"],
  root: ["root"],
} as const satisfies Record<string, readonly Role[]>;

/**
 * Who may call an action:
 *
 * - `public`: anybody;
 * - `gen`, `mgmt`, `root`: users whose role is in that set, by an access token;
 * - `service`: services alone (workers, schedulers, the command line), by a service token.
 *
 * A service may also call every other action, but not through the gateway.
 */
export type Access = "public" | "service" | keyof typeof roleSets;

/** Every value of `access`. */
export const accessKinds = ["public", "service", "gen", "mgmt", "root"] as const satisfies readonly Access[];
