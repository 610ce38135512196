/** An error as a table stores it. NUL characters are removed: Postgres refuses them, and the event could never end. */
export const storedError = ({ name, message }: Error): string => `${name}: ${message}`.replaceAll("\0", "");
