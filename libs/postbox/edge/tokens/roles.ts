/** Every role, from the least to the most it may do. */
export const roles = ["user", "admin", "root"] as const;
export type Role = (typeof roles)[number];

/** The sets that an action names in `access`: any user, management, root alone. */
export const roleSets = {
  gen: ["user", "admin", "root"],
  mgmt: ["admin", "root"],
  root: ["root"],
} as const satisfies Record<string, readonly Role[]>;

/**
 * Who may call an action: anybody, a verified access token whose role is in the set, or only Postbox's own parts
 * (workers, schedulers, the command line), by a service token. A service token also opens every other door.
 */
export type Access = "public" | "service" | keyof typeof roleSets;

export const accessKinds = ["public", "service", "gen", "mgmt", "root"] as const satisfies readonly Access[];
