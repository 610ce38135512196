import pino from "pino";

/** Bytes of log lines that are gathered before they are written. */
const bufferBytes = 4_096;

/**
 * One answered request. `route` is the path as declared: the path as sent may hold a token. Query string, headers, body
 * and user are left out.
 */
export interface AccessLine {
  readonly id: string;
  readonly method: string | undefined;
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** Writes a line for each request to standard output. */
export interface AccessLog {
  write(line: AccessLine): void;
  flush(): void;
}

export function accessLog(): AccessLog {
  const destination = pino.destination({ minLength: bufferBytes, sync: false });
  const log = pino({ base: { log: "access" } }, destination);
  return { write: (line) => log.info(line), flush: () => destination.flushSync() };
}
