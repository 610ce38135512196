import { InvalidArgumentError, Option } from "commander";

/** How many rows a list shows at most. */
export const limitOption = () =>
  new Option("--limit <count>", "how many at most").default(50).argParser((given: string) => {
    if (!/^[1-9]\d{0,4}$/.test(given)) throw new InvalidArgumentError("It must be a whole number from 1 to 99999.");
    return Number(given);
  });

export const jsonOption = () => new Option("--json", "print JSON").default(false);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an event's id. */
export function eventId(given: string): string {
  if (!uuid.test(given))
    throw new InvalidArgumentError(`'${given}' is not an event's id; it is a UUID, as the lists show it.`);
  return given.toLowerCase();
}

/** Reads ids one after the other into a list. */
export function eventIds(given: string, before: readonly string[] = []): string[] {
  return [...before, eventId(given)];
}
