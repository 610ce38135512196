import { distance } from "fastest-levenshtein";

/** The known name that was probably meant; undefined if none is within two letters. */
export function nearMiss(given: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((name) => ({ name, letters: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.letters - b.letters);
  return nearest && nearest.letters <= Math.min(2, nearest.name.length - 2) ? nearest.name : undefined;
}

/** `'usres' is not a service. Did you mean 'users'? Known: auth, users.` */
export function notKnown(given: string, noun: string, known: readonly string[]): string {
  const near = nearMiss(given, known);
  return `'${given}' is not ${noun}.${near ? ` Did you mean '${near}'?` : ""} Known: ${known.join(", ")}.`;
}
