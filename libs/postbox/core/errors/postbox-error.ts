import { Errors } from "moleculer";
import { type ErrorCode, errorEntry, isErrorCode } from "./catalogue.ts";

/** What one occurrence of an error adds to its entry in the catalogue. All but `cause` reaches the client. */
export interface Occurrence {
  /** The broken rules. */
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retry makes sense, sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** Methods that the path takes, sent as `Allow`. */
  readonly allow?: readonly string[];
  /** The underlying error. Never leaves the process. */
  readonly cause?: unknown;
}

/** One broken rule: `field` is a dotted path (`body.username`), `rule` the schema keyword, `message` a sentence. */
export interface FieldError {
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

/**
 * An error of the catalogue, for actions and whatever they call: `throw new PostboxError("not-found")`. The gateway answers
 * with the code's status and title, and with `message` as the detail.
 *
 * `message` gives the fact, the value and the remedy, and may reach a client: no SQL, path, node id or secret may be in
 * it. As a Moleculer error, it keeps `type`, `code` and `data` over the wire.
 */
export class PostboxError extends Errors.MoleculerError {
  constructor(type: ErrorCode, message?: string, occurrence: Occurrence = {}) {
    const { cause, ...data } = occurrence;
    const { status, title, retry } = errorEntry(type);
    super(message ?? title, status, type, data);
    this.name = "PostboxError";
    this.retryable = retry === "later";
    if (cause !== undefined) this.cause = cause;
  }
}

/** The code of an error of the catalogue, also after the error has crossed the wire. Undefined for any other error. */
export function errorCode(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Errors.MoleculerError)) return undefined;
  return isErrorCode(error.type) ? error.type : undefined;
}
