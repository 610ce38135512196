/**
 * Thrown by an event handler where no further attempt can help: the event is a dead letter at once.
 *
 * `throw new PermanentError("The SMTP server refused the address.", { cause })`
 */
export class PermanentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PermanentError";
  }
}
