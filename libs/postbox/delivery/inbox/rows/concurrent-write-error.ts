/** Another worker has stored one of these events meanwhile. Roll back and read the rows again. */
export class ConcurrentWriteError extends Error {}
