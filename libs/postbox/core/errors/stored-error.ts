/** An error as a table keeps it. Postgres stores no NUL character, and an end that cannot be stored would never come. */
export const storedError = ({ name, message }: Error): string => `${name}: ${message}`.replaceAll("\0", "");
