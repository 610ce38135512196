import fc from "fast-check";
import type { IsolationLevel } from "../../../libs/postbox/delivery/inbox/execution/batch-attempt.ts";

const event = fc.record({ key: fc.constantFrom(null, "a", "b", "c"), both: fc.boolean() });
const target = fc.constantFrom("users" as const, "emails" as const);
/** Chooses some of what is there, by remainders of their places. */
const choice = fc.record({ of: fc.integer({ min: 1, max: 3 }), rest: fc.integer({ min: 0, max: 2 }) });
/** Which numbers fail now, and whether for good. */
const trouble = fc.record({ of: fc.integer({ min: 2, max: 5 }), permanent: fc.boolean() });
const isolation = fc.constantFrom<IsolationLevel>("batch", "group", "event");
const bool = fc.boolean();
const verb = fc.constantFrom("replay" as const, "skip" as const);

const move = <Name extends string, Fields extends object>(
  weight: number,
  name: Name,
  fields: { [Field in keyof Fields]: fc.Arbitrary<Fields[Field]> },
) => ({ weight, arbitrary: fc.record<Fields>(fields).map((chosen) => ({ do: name, ...chosen })) });

/** One move of the publisher, a subscriber, an operator, or fate. */
export const step = fc.oneof(
  move(5, "commit", { events: fc.array(event, { minLength: 1, maxLength: 5 }) }),
  move(1, "roll back", { events: fc.array(event, { minLength: 1, maxLength: 2 }) }),
  move(5, "publish", { mark: bool }),
  move(2, "forget duplicates", { target }),
  move(8, "deliver", { target, choice, trouble, isolation, twice: bool, acknowledged: bool }),
  move(5, "run due", { target, trouble }),
  move(1, "crash while due ones run", { target }),
  move(5, "receive acks", { target, choice }),
  move(1, "lose acks", { target }),
  move(2, "wipe the stream", { target }),
  move(2, "resend", { target }),
  move(3, "ask again", {}),
  // What is replayed or skipped at once may still get an answer to its earlier generation.
  move(3, "expire", { verb: fc.option(verb, { nil: undefined }) }),
  move(2, "resolve", { verb }),
  move(2, "forget", { target }),
);

export type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
