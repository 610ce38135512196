/** The variable with the password of a service's user of the NATS server. */
export const natsPassword = (service: string): string => `${service.toUpperCase()}_NATS_PASSWORD`;

/** The variable with the password of a service's role of the Postgres server. */
export const postgresPassword = (service: string): string => `${service.toUpperCase()}_POSTGRES_PASSWORD`;

/** The variable with the password of the Postgres server's superuser. */
export const superuserPassword = "POSTGRES_PASSWORD";
