import type { ErrorEntry, ServiceErrors } from "./service-errors.ts";

/** The errors that the runtime raises on purpose, by code. */
const runtimeErrors = {
  "malformed-request": { status: 400, title: "The request cannot be read", retry: "never" },
  unauthenticated: { status: 401, title: "A valid access token is needed", retry: "never" },
  forbidden: { status: 403, title: "This role may not do that", retry: "never" },
  "cross-site": { status: 403, title: "Pages of this site may not do that", retry: "never" },
  "not-found": { status: 404, title: "There is nothing here", retry: "never" },
  "method-not-allowed": { status: 405, title: "This path does not take that method", retry: "never" },
  "request-timeout": { status: 408, title: "The request did not arrive in time", retry: "later" },
  "request-in-flight": { status: 409, title: "The same request is being worked on", retry: "later" },
  "payload-too-large": { status: 413, title: "The body is too large", retry: "never" },
  "uri-too-long": { status: 414, title: "The address is too long", retry: "never" },
  "unsupported-media-type": { status: 415, title: "The body is of a type that is not taken here", retry: "never" },
  "expectation-failed": { status: 417, title: "The expectation cannot be met", retry: "never" },
  "idempotency-mismatch": { status: 422, title: "The Idempotency-Key was used for another request", retry: "never" },
  "validation-failed": { status: 422, title: "A rule is broken", retry: "never" },
  "rate-limited": { status: 429, title: "Too many requests", retry: "later" },
  "headers-too-large": { status: 431, title: "The headers are too large", retry: "never" },
  "internal-error": { status: 500, title: "The server failed", retry: "later", public: true },
  "not-implemented": { status: 501, title: "The method or coding is not known here", retry: "never", public: true },
  "service-unavailable": { status: 503, title: "The service is away", retry: "later", public: true },
  "http-version-unsupported": {
    status: 505,
    title: "This version of HTTP is not spoken",
    retry: "never",
    public: true,
  },
  "service-timeout": { status: 504, title: "The service did not answer in time", retry: "later", public: true },
  overloaded: { status: 503, title: "There is more to do than can be done now", retry: "later", public: true },

  "configuration-invalid": { status: 500, title: "The configuration is not valid", retry: "never" },
  "port-taken": { status: 500, title: "A port is taken", retry: "later" },
  "stack-running": { status: 500, title: "A stack is running already", retry: "later" },
  "postgres-unavailable": { status: 503, title: "Postgres cannot be had", retry: "later" },
  "nats-unavailable": { status: 503, title: "NATS cannot be had", retry: "later" },
  "action-undeclared": { status: 500, title: "An action's declaration is missing or wrong", retry: "never" },
  "answer-invalid": { status: 500, title: "An answer does not keep the schema of its action", retry: "never" },
  "connection-lost": { status: 503, title: "The connection to the database was lost", retry: "later" },
  "lock-timeout": { status: 503, title: "Another transaction was in the way for too long", retry: "later" },
  "transaction-aborted": { status: 500, title: "The database rolled the transaction back at COMMIT", retry: "never" },
  "transaction-idle": { status: 500, title: "A transaction stood still for too long", retry: "later" },
  "transaction-over": { status: 500, title: "The transaction has ended", retry: "never" },
  "scaffold-failed": { status: 500, title: "Nothing was made", retry: "never" },
  "migration-failed": { status: 500, title: "A migration failed", retry: "never" },
  "migration-loss": { status: 500, title: "A migration would lose data", retry: "never" },
  "migration-history": { status: 500, title: "Migrations and the history of the database disagree", retry: "never" },
  "event-invalid": { status: 500, title: "An event does not keep its contract", retry: "never" },
  "event-too-large": { status: 413, title: "An event is over the broker's payload limit", retry: "never" },
  "event-not-found": { status: 404, title: "There is no such event", retry: "never" },
  "event-state": { status: 409, title: "The event is not in a state that allows this", retry: "never" },
  "event-expired": { status: 409, title: "The event is older than the horizon", retry: "never" },
  "job-not-found": { status: 404, title: "There is no such job", retry: "never" },
  "job-state": { status: 409, title: "The job is not in a state that allows this", retry: "never" },
  "run-superseded": { status: 409, title: "A run of a job is not its scheduler's any more", retry: "never" },
  "job-timeout": { status: 500, title: "A job overran its time", retry: "later" },
  "handler-timeout": { status: 500, title: "A handler overran its time", retry: "later" },
  "broker-unavailable": { status: 503, title: "NATS is away or does not hold what it must", retry: "later" },
  "not-settled": { status: 500, title: "Events are not settled", retry: "later" },
  "event-unknown": { status: 500, title: "No handler is known for an event", retry: "later" },
} as const satisfies Record<string, ErrorEntry>;

/**
 * A code of the runtime or of a service. A code is public: it stands in `application/problem+json` bodies and in the
 * branches of clients.
 */
export type ErrorCode = keyof typeof runtimeErrors | keyof ServiceErrors;

const entries = new Map<string, ErrorEntry>(Object.entries(runtimeErrors));

/** Adds a code of a service. */
export function declareError(code: string, entry: ErrorEntry): void {
  entries.set(code, entry);
}

/** Every code with its entry, those of the runtime first. */
export function catalogue(): readonly (readonly [code: string, entry: ErrorEntry])[] {
  return [...entries];
}

/** @throws TypeError before `loadProject` has found the service that declares the code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  const entry = entries.get(code);
  if (entry === undefined)
    throw new TypeError(`The error code '${code}' is not declared yet. Await loadProject() when the process starts.`);
  return entry;
}

/** Every code that is declared by now. */
export function knownCodes(): readonly string[] {
  return [...entries.keys()];
}

/** Whether a value is a code of the catalogue. */
export function isErrorCode(value: string): value is ErrorCode {
  return entries.has(value);
}
