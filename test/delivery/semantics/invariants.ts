import { expect } from "@jest/globals";
import type { Database } from "postbox";
import type { ManualSubscriber } from "./manual-subscriber.ts";

interface Stored extends Record<string, unknown> {
  readonly status: string;
  readonly generation: number;
}

interface Row extends Stored {
  readonly n: number;
  /** Dead because its time was over, not by an answer. */
  readonly expired: boolean;
  readonly key: string | null;
  readonly sequence: number | null;
}

const finals: readonly unknown[] = ["processed", "skipped"];

/** What may follow what in one or more steps. Nothing follows `processed` and `skipped`. */
const outboxMoves: Readonly<Record<string, readonly string[]>> = {
  pending: ["published", "received", "dead", "processed", "skipped"],
  published: ["pending", "received", "dead", "processed", "skipped"],
  received: ["pending", "published", "dead", "processed", "skipped"],
  dead: ["pending", "published", "received", "processed", "skipped"],
  processed: [],
  skipped: [],
};

/** Reads the databases of auth and of one subscriber after each step, and fails at what must never be. */
export class InvariantCheck {
  readonly #auth: Database;
  readonly #subscriber: ManualSubscriber;
  #outbox = new Map<number, Row>();
  #inbox = new Map<number, Stored>();
  #cursors = new Map<string, number>();

  constructor(auth: Database, subscriber: ManualSubscriber) {
    this.#auth = auth;
    this.#subscriber = subscriber;
  }

  async check(committed: ReadonlySet<number>, after: string): Promise<void> {
    const [outbox, inbox, effects, cursors] = await this.#read();
    const say = (what: string, fault: unknown) => expect({ after, what, fault }).toEqual({ after, what, fault: [] });

    say(
      "effects of what was never committed",
      effects.filter(({ n }) => !committed.has(n)),
    );
    say(
      "effects twice",
      effects.filter(({ n }, index) => effects.findIndex((one) => one.n === n) < index),
    );
    say("inversions", inversions(effects, outbox));
    say(
      "rows of what was rolled back",
      [...outbox.keys()].filter((n) => !committed.has(n)),
    );

    const done = new Set(effects.map(({ n }) => n));
    // Retention takes what both sides have done with.
    const forgotten = (n: number) => !inbox.has(n) && finals.includes(outbox.get(n)?.status);
    say(
      "processed rows without an effect",
      [...inbox].filter(([n, { status }]) => status === "processed" && !done.has(n)),
    );
    say(
      "effects without a processed row",
      [...done].filter((n) => inbox.get(n)?.status !== "processed" && !forgotten(n)),
    );
    say(
      "parked rows without a key",
      [...inbox].filter(([n, { status }]) => status === "parked" && outbox.get(n)?.key === null),
    );
    say(
      "outbox rows that are received or dead by an answer that was not given in their generation",
      [...outbox.values()].filter(
        ({ n, status, generation, expired }) =>
          (status === "received" || (status === "dead" && !expired)) && inbox.get(n)?.generation !== generation,
      ),
    );
    say(
      "outbox rows that are processed too early",
      [...outbox.values()].filter(({ n, status }) => status === "processed" && !done.has(n)),
    );
    say(
      "outbox rows that are skipped with an effect",
      [...outbox.values()].filter(({ n, status }) => status === "skipped" && done.has(n)),
    );

    say(
      "forbidden moves of outbox rows",
      [...outbox.values()].filter((row) => !this.#mayBecome(row)),
    );
    say(
      "final inbox rows that moved",
      [...this.#inbox].filter(
        ([n, { status }]) => finals.includes(status) && inbox.get(n)?.status !== status && !forgotten(n),
      ),
    );
    say(
      "cursors that went back",
      [...this.#cursors].filter(([key, last]) => (cursors.get(key) ?? 0) < last),
    );
    this.#outbox = outbox;
    this.#inbox = inbox;
    this.#cursors = cursors;
  }

  /** Every committed event took effect or was skipped, and both sides agree that nothing is left to do. */
  async expectDone(committed: ReadonlySet<number>): Promise<void> {
    const open = [...this.#outbox.values()].filter(({ status }) => !finals.includes(status));
    const waiting = [...this.#inbox].filter(([, { status }]) => !finals.includes(status));
    expect({ open, waiting }).toEqual({ open: [], waiting: [] });
    expect(this.#outbox.size).toBe(committed.size);
    expect((await this.#subscriber.effects()).length).toBe(
      [...this.#outbox.values()].filter((row) => row.status === "processed").length,
    );
  }

  #mayBecome({ n, status, generation }: Row): boolean {
    const before = this.#outbox.get(n);
    if (before === undefined) return true;
    if (generation < before.generation) return false;
    return before.status === status || outboxMoves[before.status]?.includes(status) === true;
  }

  async #read() {
    const { name, database } = this.#subscriber;
    const [outbox, inbox, effects, cursors] = await Promise.all([
      this.#auth.query<Row>({
        text: `select (data->>'n')::int as n, id, status, key, sequence::int, generation,
          coalesce(error_message like 'No acknowledgement within%', false) as expired from event_outbox where target = $1`,
        values: [name],
      }),
      database.query<Stored & { id: string }>({ text: "select id, status, generation from event_inbox" }),
      database.query<{ n: number }>({ text: "select n from effect order by position" }),
      database.query<{ key: string; last: number }>({
        text: "select key, last_sequence::int as last from inbox_mailbox",
      }),
    ]);
    const numberOf = new Map(outbox.rows.map(({ id, n }) => [id, n]));
    return [
      new Map(outbox.rows.map((row) => [row.n, row])),
      new Map(inbox.rows.map((row) => [numberOf.get(row.id) ?? -1, row])),
      effects.rows,
      new Map(cursors.rows.map(({ key, last }) => [key, last])),
    ] as const;
  }
}

/** Effects of a key that came after one with a higher sequence. */
function inversions(effects: readonly { n: number }[], outbox: ReadonlyMap<number, Row>): number[] {
  const highest = new Map<string, number>();
  return effects.flatMap(({ n }) => {
    const { key, sequence } = outbox.get(n) ?? { key: null, sequence: null };
    if (key === null || sequence === null) return [];
    const before = highest.get(key) ?? 0;
    highest.set(key, Math.max(before, sequence));
    return sequence <= before ? [n] : [];
  });
}
