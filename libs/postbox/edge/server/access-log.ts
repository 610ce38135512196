import pino from "pino";

/** Bytes of log lines that are gathered before they are written. */
const bufferBytes = 4_096;
/** Milliseconds after which fewer bytes are written too: a quiet system's lines must be there, also after a SIGKILL. */
const flushMs = 500;

/**
 * One request. `route` is the path as declared: the path as sent may hold a token. Query string, headers, body and user
 * are left out.
 */
export interface AccessLine {
  readonly id: string;
  readonly method: string | undefined;
  readonly route: string | undefined;
  /** Undefined where the client went away before its answer. */
  readonly status: number | undefined;
  /** Set where the client went away before its answer. */
  readonly aborted: true | undefined;
  readonly seconds: number;
}

/** Writes a line for each request to standard output, within half a second. */
export interface AccessLog {
  write(line: AccessLine): void;
  flush(): void;
}

export function accessLog(): AccessLog {
  const destination = pino.destination({ minLength: bufferBytes, periodicFlush: flushMs, sync: false });
  const log = pino({ base: { log: "access" } }, destination);
  return { write: (line) => log.info(line), flush: () => destination.flushSync() };
}
