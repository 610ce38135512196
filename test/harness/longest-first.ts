import { join } from "node:path";
import { projectRoot } from "../../libs/stack/places.ts";

/** The files that take longest, in a run of all: the longest first. */
export const longest: readonly string[] = [
  "cli/scaffold",
  "migrations/round-trip",
  "stack/start",
  "delivery/faults/broker",
  "gateway/faults",
  "stack/start-faults",
  "delivery/faults/links",
  "delivery/faults/away",
  "delivery/faults/crashes",
  "delivery/faults/suspects",
  "delivery/faults/storm",
  "delivery/faults/streams",
  "jobs/processes",
];

const paths = longest.map((name) => join(projectRoot, "test", `${name}.test.ts`));

/**
 * Puts the longest files before the others, so that none is begun when the other workers have nothing more to do. Jest
 * itself knows how long a file takes from its last run alone; in a new clone it goes by how much text there is.
 */
export function longestFirst<File extends { readonly path: string }>(files: readonly File[]): File[] {
  const place = ({ path }: File) => (paths.includes(path) ? paths.indexOf(path) : paths.length);
  return files.toSorted((one, other) => place(one) - place(other));
}
