/** The variable that names each service's database. */
export const databaseVariables = {
  gateway: "GATEWAY_DATABASE",
  auth: "AUTH_DATABASE",
  users: "USERS_DATABASE",
  emails: "EMAILS_DATABASE",
} as const;

/** A service that owns a database. Its folder, container and stream bear the same name. */
export type ServiceName = keyof typeof databaseVariables;

export const serviceNames = Object.keys(databaseVariables) as readonly ServiceName[];
