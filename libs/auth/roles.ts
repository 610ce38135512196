/** Every role, from the least to the most it may do. */
export const roles = ["user", "admin", "root"] as const;
export type Role = (typeof roles)[number];

/** The sets that an action names in `access`: any user, management, root alone. */
export const roleSets = {
  gen: ["user", "admin", "root"],
  mgmt: ["admin", "root"],
  root: ["root"],
} as const satisfies Record<string, readonly Role[]>;

/** Who may call an action: anybody, or a verified token whose role is in the set. */
export type Access = "public" | keyof typeof roleSets;
