import { Errors } from "moleculer";
import { type ErrorCode, errorEntry } from "../../core/errors/catalogue.ts";
import { errorCode, type FieldError } from "../../core/errors/postbox-error.ts";
import { isServiceUnavailable } from "../../core/errors/service-unavailable.ts";

/** An error as a client sees it (RFC 9457, `application/problem+json`). */
export interface Problem {
  /** `urn:postbox:error:<code>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** This occurrence: the fact, the value, the remedy. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly request_id: string;
}

/** `Retry-After` in seconds, where the error does not say. */
const retryAfterSeconds = 2;

/**
 * An error as its client may see it. Only an error of the catalogue is told by its own message: any other message may hold
 * SQL, a path, a node id or the client's own input.
 */
export function problem(error: unknown, requestId: string): Problem {
  const code = publicCode(error);
  const { status, title } = errorEntry(code);
  const own = errorCode(error) === code && error instanceof Errors.MoleculerError ? error : undefined;
  return {
    type: `urn:postbox:error:${code}`,
    title,
    status,
    code,
    ...(own && own.message !== title && { detail: own.message }),
    ...(Array.isArray(own?.data?.errors) && { errors: own.data.errors }),
    request_id: requestId,
  };
}

/** Headers that go with a problem. */
export function problemHeaders(
  { status }: Problem,
  error: unknown,
): Record<string, string> & { readonly "Content-Type": string } {
  const headers: Record<string, string> & { readonly "Content-Type": string } = {
    "Content-Type": "application/problem+json",
  };
  if (status === 401) headers["WWW-Authenticate"] = 'Bearer realm="postbox"';
  const { retryAfter, allow } = error instanceof Errors.MoleculerError ? Object(error.data) : {};
  if (status === 405 && Array.isArray(allow)) headers.Allow = allow.join(", ");
  if (typeof retryAfter === "number") headers["Retry-After"] = `${Math.ceil(retryAfter)}`;
  else if (status === 503 || status === 429) headers["Retry-After"] = `${retryAfterSeconds}`;
  return headers;
}

function publicCode(error: unknown): ErrorCode {
  const own = errorCode(error);
  if (own !== undefined) {
    // Other codes at or above 500 say more about the inside than a client can use.
    const { status, public: isPublic } = errorEntry(own);
    if (status < 500 || isPublic) return own;
    return status === 503 ? "service-unavailable" : "internal-error";
  }
  if (error instanceof Errors.RequestTimeoutError || error instanceof Errors.RequestSkippedError)
    return "service-timeout";
  if (isServiceUnavailable(error)) return "service-unavailable";
  return error instanceof Errors.MoleculerError && error.code === 503 ? "service-unavailable" : "internal-error";
}
