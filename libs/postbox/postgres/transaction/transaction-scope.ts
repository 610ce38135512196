import { PostboxError } from "../../core/errors/postbox-error.ts";
import { OpenWork } from "./open-work.ts";

/**
 * The run of an action or a job, which awaits the transactions that it begins. A transaction that is still open at the end
 * of the run was forgotten: the transaction is rolled back, and the run fails.
 */
export class TransactionScope {
  readonly #transactions = new OpenWork();
  #over = false;

  /** Begins a transaction of the run. */
  track<T>(transaction: () => Promise<T>): Promise<T> {
    return this.#transactions.track(transaction);
  }

  /** Ends the run. No transaction that is still open commits. */
  close(): void {
    this.#over = true;
    this.#transactions.disown();
  }

  /** @throws PostboxError `transaction-over` if a transaction is still open. */
  refuseOpen(): void {
    if (!this.#transactions.isDone) throw forgotten();
  }

  /** Called before COMMIT. @throws PostboxError `transaction-over` after the end of the run. */
  refuseWhenOver(): void {
    if (this.#over) throw forgotten();
  }
}

function forgotten(): PostboxError {
  return new PostboxError(
    "transaction-over",
    "An action or a job ended while a transaction that it had begun was still open. Await the transaction; nothing of it is kept.",
  );
}
