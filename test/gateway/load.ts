import { until } from "postbox/testing";

/** Longer than anything may take here: a call that meets a dead node ends after 10 s. */
export const hangMs = 25_000;

/**
 * What requests were answered with, by status; one that is never answered counts as `hung`. Declare it with `await using`:
 * where the test fails, it ends too.
 */
export class Load implements AsyncDisposable {
  readonly #answers = new Map<number | "hung", number>();
  readonly #running: Promise<unknown>;
  #over = false;

  /** Sends requests from so many clients, each as soon as its last one was answered. */
  constructor(clients: number, send: (n: number, signal: AbortSignal) => Promise<Response>) {
    const client = async (n: number) => {
      while (!this.#over) {
        const status = await send(n, AbortSignal.timeout(hangMs)).then(
          (answer) => answer.arrayBuffer().then(() => answer.status),
          () => "hung" as const,
        );
        this.#answers.set(status, this.count(status) + 1);
      }
    };
    this.#running = Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  }

  count(status: number | "hung"): number {
    return this.#answers.get(status) ?? 0;
  }

  get total(): number {
    return [...this.#answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits for so many further answers of a status. */
  async more(answers: number, status: number): Promise<void> {
    const wanted = this.count(status) + answers;
    await until(() => this.count(status) >= wanted, { what: `${answers} more are ${status}` });
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
