import { isDeepStrictEqual } from "node:util";
import type { Database, ServiceTransaction } from "postbox";
import { statuses, type TestStack, until } from "postbox/testing";
import { noted, type Publication } from "./example-events.ts";

/** What users made of what auth has committed: all three are empty when everything was handled exactly once. */
export interface Imbalance {
  /** Committed, without effect. */
  readonly lost: readonly number[];
  /** Took effect more than once. */
  readonly doubled: readonly number[];
  /** Took effect and was never committed. */
  readonly ghosts: readonly number[];
}

/** So long after the end of a fault, at most, no row tells an old truth: what the project promises. */
const settledWithinMs = 30_000;

export const balanced: Imbalance = { lost: [], doubled: [], ghosts: [] };

/**
 * Keeps account of what was committed: each event goes in one transaction with a row of `fact`, its effect is a row
 * of `effect`. The test itself writes to auth's outbox; whoever runs auth's relay publishes.
 */
export class Ledger {
  readonly #stack: TestStack;
  readonly #auth: Database;
  readonly #users: Database;

  /** @param auth auth's database by another way than the test's own. */
  constructor(stack: TestStack, auth = stack.database("auth")) {
    this.#stack = stack;
    this.#auth = auth;
    this.#users = stack.database("users");
  }

  /** Makes the tables. */
  static async open(stack: TestStack): Promise<Ledger> {
    await stack.database("auth").query({ text: "create table fact (n integer)" });
    await stack.database("users").query({
      text: "create table if not exists effect (position bigserial, event_id uuid, key text, n integer)",
    });
    return new Ledger(stack);
  }

  /** Commits events in one transaction; with `work`, in the same one and before it commits. */
  commit(events: readonly Publication[], work: () => Promise<void> = async () => undefined): Promise<void> {
    const record = async (tx: ServiceTransaction) => {
      await tx.query({
        text: "insert into fact select unnest($1::int[])",
        values: [events.map(({ n }) => n)],
      });
      for (const { event = noted, n, text, ...options } of events)
        tx.enqueue(event, text === undefined ? { n } : { n, text }, options);
      await work();
    };
    return this.#stack.transaction("auth", record, this.#auth);
  }

  /** Commits the events `from` to `to`, `size` a transaction. */
  async commitRange(from: number, to: number, size = 1, key?: (n: number) => string): Promise<void> {
    for (const chunk of chunks(range(from, to), size))
      await this.commit(chunk.map((n) => ({ n, ...(key && { key: key(n) }) })));
  }

  /** Compares what was committed with what took effect, now. */
  async imbalance(): Promise<Imbalance> {
    const [facts, effects] = await Promise.all([
      this.#auth.query<{ n: number }>({ text: "select n from fact order by n" }),
      this.#users.query<{ n: number; count: number }>({
        text: "select n, count(*)::int as count from effect group by n",
      }),
    ]);
    const committed = new Set(facts.rows.map(({ n }) => n));
    const taken = new Set(effects.rows.map(({ n }) => n));
    return {
      lost: [...committed].filter((n) => !taken.has(n)),
      doubled: effects.rows.filter(({ count }) => count > 1).map(({ n }) => n),
      ghosts: [...taken].filter((n) => !committed.has(n)),
    };
  }

  /** Waits until what took effect differs from what was committed by just this. */
  async differsBy(expected: Imbalance, deadlineMs = settledWithinMs): Promise<void> {
    const state = async () => {
      const seen = await this.imbalance();
      if (!isDeepStrictEqual(seen, expected)) throw new Error(JSON.stringify(seen));
      return true;
    };
    await until(state, { deadlineMs, what: `the ledger differs by ${JSON.stringify(expected)}` });
  }

  /** Waits until every outbox row is processed and the inbox holds nothing that is still to do. */
  async settled(deadlineMs = settledWithinMs): Promise<void> {
    const state = async () => {
      const [outbox, inbox] = await Promise.all([
        statuses(this.#auth, "event_outbox"),
        statuses(this.#users, "event_inbox"),
      ]);
      const open = [...Object.keys(outbox), ...Object.keys(inbox)].filter((status) => status !== "processed");
      if (open.length > 0) throw new Error(JSON.stringify({ outbox, inbox }));
      return true;
    };
    await until(state, { deadlineMs, what: "all that was committed is processed" });
  }
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
