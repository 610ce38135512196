import { Argument, Option } from "commander";
import { UsageError } from "./run.ts";

/** How many rows a list shows at most. */
export const limitOption = () =>
  new Option("--limit <count>", "how many of a service at most").default(50).argParser(count("--limit", 99_999));

/** Reads a whole number from 1 to `most`. */
export const count = (flag: string, most: number) => (given: string) => {
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < 1 || value > most)
    throw new UsageError(`${flag} is '${given}'; it must be a whole number from 1 to ${most}.`);
  return value;
};

export const jsonOption = () => new Option("--json", "print JSON");

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A moment: ISO 8601 with its time zone. */
export const sinceOption = (description: string) =>
  new Option("--since <time>", description).argParser((given) => {
    const since = new Date(given);
    if (!time.test(given) || Number.isNaN(since.getTime()))
      throw new UsageError(`--since is '${given}'; write a time with its zone, e.g. 2026-01-31T14:30:00Z.`);
    return since;
  });

export const eventIdArgument = () => new Argument("<id>", "the event's id").argParser(eventId);

/** Several of them, or none. */
export const eventIdsArgument = () =>
  new Argument("[ids...]", "ids of events").argParser((given, before: readonly string[] = []) => [
    ...before,
    eventId(given),
  ]);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function eventId(given: string): string {
  if (!uuid.test(given)) throw new UsageError(`'${given}' is not an event's id; it is a UUID, as the lists show it.`);
  return given.toLowerCase();
}
